import { uninstalled } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import { type DeliveryOutcome, isPlausibleLag, type Refusal } from '../src/metrics.ts';
import type { Credentials } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { isLifeCycle, isOfShop, LIFE_CYCLE_TOPICS } from './life-cycle.ts';
import { type Signal, understand, WANTED_TOPICS } from './signal.ts';
import { type Delivery, headersOf, type Unverified, verify } from './verify.ts';

/**
 * Detector 1, the door's part: verify, understand, put one small signal on the queue, answer. Nothing slow stands
 * on this path: no database (stores are remembered), no Shopify. What could not be made durable is answered 503,
 * so that Shopify sends it again (R4).
 */
export interface Reply {
  readonly status: 200 | 400 | 401 | 404 | 413 | 503;
  /** For our own log and the sender; never anything of the body. */
  readonly reason: string;
}

export const BODY_BYTES_MAX = 5 * 1024 * 1024;

type Deps = Pick<
  Service,
  'directory' | 'configuredStores' | 'secrets' | 'queues' | 'clock' | 'log' | 'telemetry'
>;

/** What the door has to know of a store. */
type Known = Pick<Store, 'domain' | 'secretName' | 'active' | 'shopId'> & { readonly id: number | null };

export async function receive(
  deps: Deps,
  headers: { get(name: string): string | null },
  body: Uint8Array,
): Promise<Reply> {
  if (body.byteLength > BODY_BYTES_MAX) return tooLarge(deps);
  const claims = headersOf(headers);
  if (claims.signature === null || claims.domain === null)
    return refuse(deps, 'unsigned', {
      status: 401,
      reason: 'no signature or shop header: only Shopify may call this address',
    });
  if (claims.topic === null)
    return refuse(deps, 'no topic', { status: 400, reason: 'no X-Shopify-Topic header' });
  try {
    return await admit(deps, claims, body);
  } catch (error) {
    // A database or a secret that has to be mended by hand is no reason to lose a delivery: Shopify sends it again
    // for hours.
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    deps.log(error instanceof Reject ? 'deliveryNotTaken' : 'deliveryPutOff', { Cause: error.message });
    return refuse(deps, 'not durable', { status: 503, reason: 'cannot be made durable now: send it again' });
  }
}

/** Also for the door, which need not read what says of itself that it is too large. */
export const tooLarge = (deps: Pick<Deps, 'telemetry'>): Reply =>
  refuse(deps, 'too large', { status: 413, reason: 'body larger than 5 MiB' });

/** Refused requests are counted and not traced: anybody may knock, and spans are paid for one by one. */
function refuse(
  { telemetry }: Pick<Deps, 'telemetry'>,
  why: Refusal,
  reply: Reply,
  store: Known | null = null,
): Reply {
  telemetry.measure('Webhook.Refused', 1, { StoreId: store?.id ?? null, Reason: why });
  return reply;
}

async function admit(deps: Deps, claims: Unverified, body: Uint8Array): Promise<Reply> {
  const store = await storeOf(deps, claims.domain!);
  const delivery =
    verify(claims, body, await secretsFor(deps, store)) ?? (await verifyAgain(deps, store, claims, body));
  if (delivery === null) {
    if (store !== null) complain(deps, store);
    const reason = 'signature does not match: check the webhook secret of this store';
    return refuse(deps, 'wrong signature', { status: 401, reason }, store);
  }
  if (store === null) {
    const reason = 'no such store here: connect it, or remove its subscription';
    return refuse(deps, 'unknown store', { status: 404, reason });
  }
  if (!store.active) {
    count(deps, store, delivery, 'inactive');
    return { status: 200, reason: 'store is not active' };
  }
  const attributes = { StoreId: store.id, Topic: topicOf(delivery) };
  return await deps.telemetry.span({ name: 'delivery', attributes }, () => signalOf(deps, store, delivery));
}

const WANTED: ReadonlySet<string> = new Set([...WANTED_TOPICS, ...LIFE_CYCLE_TOPICS]);

/** The topic is not signed, so that anybody who has one body may send it under any. */
const topicOf = ({ topic }: Delivery): string => (WANTED.has(topic) ? topic : 'unknown');

function count({ telemetry }: Deps, store: Known, delivery: Delivery, outcome: DeliveryOutcome): void {
  const by = { StoreId: store.id, Topic: topicOf(delivery) };
  telemetry.measure('Webhook.Received', 1, { ...by, Outcome: outcome });
}

/**
 * A process that starts while the database is away knows no store, and it may be away for longer than Shopify goes on
 * trying; but those that the configuration names can be verified without it.
 */
async function storeOf(deps: Deps, domain: string): Promise<Known | null> {
  try {
    return await deps.directory.byDomain(domain);
  } catch (error) {
    const configured = deps.configuredStores.find((each) => each.domain === domain.toLowerCase());
    if (configured === undefined || !(error instanceof Transient || error instanceof Reject)) throw error;
    return { ...configured, id: null, shopId: null, active: true };
  }
}

/**
 * The secret may have been rotated since it was read. It is read again, which is bounded; only another one is worth
 * another look. A shop that is not here has no secret of its own to be read again.
 */
async function verifyAgain(
  { secrets }: Deps,
  store: Known | null,
  claims: Unverified,
  body: Uint8Array,
): Promise<Delivery | null> {
  if (store === null) return null;
  const tried = await secrets.read(store.secretName);
  const present = await secrets.readAgain(store.secretName);
  return present === tried ? null : verify(claims, body, revealed(present));
}

/** A wrong secret would show only as staleness; but anybody may knock, so it is said once in a while. */
const COMPLAINT_MS = 10 * 60_000;
const complainedAt = new WeakMap<Deps['directory'], Map<string, number>>();

function complain({ directory, clock, log }: Deps, store: Known): void {
  const times = complainedAt.get(directory) ?? new Map<string, number>();
  complainedAt.set(directory, times);
  if (clock() - (times.get(store.domain) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_MS) return;
  times.set(store.domain, clock());
  log('signatureWrong', { StoreId: store.id, Domain: store.domain });
}

/** A shop we do not know is judged by every secret we have: a valid signature then earns an honest 404. */
async function secretsFor(deps: Deps, store: Known | null): Promise<readonly string[]> {
  if (store !== null) return await webhookSecrets(deps, store.secretName);
  const names = new Set((await deps.directory.all()).map(({ secretName }) => secretName));
  const found = await Promise.all([...names].map((name) => webhookSecrets(deps, name).catch(noneIfUnknown)));
  return [...new Set(found.flat())];
}

const webhookSecrets = async (deps: Deps, secretName: string): Promise<readonly string[]> =>
  revealed(await deps.secrets.read(secretName));

const revealed = ({ webhookSecrets }: Credentials): readonly string[] =>
  webhookSecrets.map((secret) => secret.reveal());

function noneIfUnknown(error: unknown): readonly string[] {
  if (error instanceof Reject) return [];
  throw error;
}

async function signalOf(deps: Deps, store: Known, delivery: Delivery): Promise<Reply> {
  if (isLifeCycle(delivery)) return await lookAt(deps, store, delivery);
  const understood = understand(delivery);
  if (!understood.ok) return misunderstood(deps, store, delivery, understood.why);
  const signal: Signal = {
    storeId: store.id,
    domain: store.domain,
    topic: delivery.topic,
    webhookId: delivery.webhookId,
    triggeredAt: delivery.triggeredAt,
    receivedAt: deps.clock(),
    apiVersion: delivery.apiVersion,
    attempt: 0,
    echo: false,
    traceparent: deps.telemetry.traceparent() ?? undefined,
    keys: [...understood.keys],
  };
  await deps.queues.send('signals', signal);
  count(deps, store, delivery, 'accepted');
  const lagMs = signal.triggeredAt === null ? Number.NaN : signal.receivedAt - signal.triggeredAt;
  if (isPlausibleLag(lagMs))
    deps.telemetry.measure('Webhook.Lag', Math.max(0, lagMs), {
      StoreId: store.id,
      Topic: topicOf(delivery),
    });
  return { status: 200, reason: 'accepted' };
}

/** What is told of the app itself is no more than a reason to look. */
async function lookAt(deps: Deps, store: Known, delivery: Delivery): Promise<Reply> {
  if (!isOfShop(delivery, store)) return misunderstood(deps, store, delivery, 'not a body of its topic');
  if (store.id === null) throw new Transient('which store this is cannot be looked up now');
  await deps.queues.send('errands', uninstalled(store.id));
  count(deps, store, delivery, 'accepted');
  return { status: 200, reason: 'accepted' };
}

function misunderstood(
  deps: Deps,
  store: Known,
  delivery: Delivery,
  why: 'unknown topic' | 'invalid JSON' | 'not a body of its topic',
): Reply {
  // Anybody who has one body may send it under any topic: what is no topic at all is not written down.
  const topic = /^[A-Z_]{1,60}$/.test(delivery.topic) ? delivery.topic : 'unreadable';
  const about = { StoreId: store.id, Topic: topic };
  if (why === 'unknown topic') {
    deps.log('topicUnknown', about);
    count(deps, store, delivery, 'ignored');
    return { status: 200, reason: why };
  }
  deps.log('bodyRefused', { ...about, Cause: why });
  return refuse(deps, why, { status: 400, reason: `${why}: nothing was changed` }, store);
}
