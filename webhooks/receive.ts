import { uninstalled } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { isLifeCycle, isOfShop } from './life-cycle.ts';
import { type Signal, understand } from './signal.ts';
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

type Deps = Pick<Service, 'directory' | 'configuredStores' | 'secrets' | 'queues' | 'clock' | 'log'>;

/** What the door has to know of a store. */
type Known = Pick<Store, 'domain' | 'secretName' | 'active' | 'shopId'> & { readonly id: number | null };

export async function receive(
  deps: Deps,
  headers: { get(name: string): string | null },
  body: Uint8Array,
): Promise<Reply> {
  if (body.byteLength > BODY_BYTES_MAX) return { status: 413, reason: 'body larger than 5 MiB' };
  const claims = headersOf(headers);
  if (claims.signature === null || claims.domain === null)
    return { status: 401, reason: 'no signature or shop header: only Shopify may call this address' };
  if (claims.topic === null) return { status: 400, reason: 'no X-Shopify-Topic header' };
  try {
    return await admit(deps, claims, body);
  } catch (error) {
    // A database or a secret that has to be mended by hand is no reason to lose a delivery: Shopify sends it again
    // for hours.
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    deps.log(error instanceof Reject ? 'error' : 'warning', 'delivery answered 503', {
      cause: error.message,
    });
    return { status: 503, reason: 'cannot be made durable now: send it again' };
  }
}

async function admit(deps: Deps, claims: Unverified, body: Uint8Array): Promise<Reply> {
  const store = await storeOf(deps, claims.domain!);
  const delivery = verify(claims, body, await secretsFor(deps, store));
  if (delivery === null) {
    if (store !== null) complain(deps, store);
    return { status: 401, reason: 'signature does not match: check the webhook secret of this store' };
  }
  if (store === null)
    return { status: 404, reason: 'no such store here: connect it, or remove its subscription' };
  if (!store.active) return { status: 200, reason: 'store is not active' };
  return await signalOf(deps, store, delivery);
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

/** A wrong secret would show only as staleness; but anybody may knock, so it is said once in a while. */
const COMPLAINT_MS = 10 * 60_000;
const complainedAt = new WeakMap<Deps['directory'], Map<string, number>>();

function complain({ directory, clock, log }: Deps, store: Known): void {
  const times = complainedAt.get(directory) ?? new Map<string, number>();
  complainedAt.set(directory, times);
  if (clock() - (times.get(store.domain) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_MS) return;
  times.set(store.domain, clock());
  log('warning', `webhooks for ${store.domain} come with a wrong signature: check its webhook secret`, {
    store: store.id,
  });
}

/** A shop we do not know is judged by every secret we have: a valid signature then earns an honest 404. */
async function secretsFor(deps: Deps, store: Known | null): Promise<readonly string[]> {
  if (store !== null) return await webhookSecrets(deps, store.secretName);
  const names = new Set((await deps.directory.all()).map(({ secretName }) => secretName));
  const found = await Promise.all([...names].map((name) => webhookSecrets(deps, name).catch(noneIfUnknown)));
  return [...new Set(found.flat())];
}

const webhookSecrets = async (deps: Deps, secretName: string): Promise<readonly string[]> =>
  (await deps.secrets.read(secretName)).webhookSecrets.map((secret) => secret.reveal());

function noneIfUnknown(error: unknown): readonly string[] {
  if (error instanceof Reject) return [];
  throw error;
}

async function signalOf(deps: Deps, store: Known, delivery: Delivery): Promise<Reply> {
  if (isLifeCycle(delivery)) return await lookAt(deps, store, delivery);
  const understood = understand(delivery);
  if (!understood.ok) {
    deps.log('warning', `delivery ignored: ${understood.why}`, {
      store: store.id,
      topic: delivery.topic.slice(0, 60),
    });
    return understood.why === 'unknown topic'
      ? { status: 200, reason: understood.why }
      : { status: 400, reason: `${understood.why}: nothing was changed` };
  }
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
    keys: [...understood.keys],
  };
  await deps.queues.send('signals', signal);
  return { status: 200, reason: 'accepted' };
}

/** What is told of the app itself is no more than a reason to look. */
async function lookAt(deps: Deps, store: Known, delivery: Delivery): Promise<Reply> {
  if (!isOfShop(delivery, store)) {
    deps.log('warning', 'delivery ignored: not a body of its topic, or of another shop', {
      store: store.id,
      topic: delivery.topic,
    });
    return { status: 400, reason: 'not a body of its topic, or of another shop: nothing was changed' };
  }
  if (store.id === null) throw new Transient('which store this is cannot be looked up now');
  await deps.queues.send('errands', uninstalled(store.id));
  return { status: 200, reason: 'accepted' };
}
