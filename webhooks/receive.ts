import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { askedFor, type Compliance, isCompliance } from './compliance.ts';
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

type Deps = Pick<Service, 'directory' | 'secrets' | 'queues' | 'clock' | 'log' | 'configuredStores'>;

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
  const store = await deps.directory.byDomain(claims.domain!);
  const delivery = verify(claims, body, await secretsFor(deps, store));
  if (delivery === null) {
    if (store !== null) complain(deps, store);
    return { status: 401, reason: 'signature does not match: check the webhook secret of this store' };
  }
  // Also of a store that rests: its erasure is asked for two days after the app was uninstalled.
  if (isCompliance(delivery)) return await promise(deps, store, delivery);
  if (store === null)
    return { status: 404, reason: 'no such store here: connect it, or remove its subscription' };
  if (!store.active) return { status: 200, reason: 'store is not active' };
  return await signalOf(deps, store, delivery);
}

/** A wrong secret would show only as staleness; but anybody may knock, so it is said once in a while. */
const COMPLAINT_MS = 10 * 60_000;
const complainedAt = new WeakMap<Deps['directory'], Map<number, number>>();

function complain({ directory, clock, log }: Deps, store: Store): void {
  const times = complainedAt.get(directory) ?? new Map<number, number>();
  complainedAt.set(directory, times);
  if (clock() - (times.get(store.id) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_MS) return;
  times.set(store.id, clock());
  log('warning', `webhooks for ${store.domain} come with a wrong signature: check its webhook secret`, {
    store: store.id,
  });
}

/** A shop we do not know is judged by every secret we have: a valid signature then earns an honest 404. */
async function secretsFor(deps: Deps, store: Store | null): Promise<readonly string[]> {
  if (store !== null) return await webhookSecrets(deps, store.secretName);
  const names = new Set([
    ...(await deps.directory.all()).map(({ secretName }) => secretName),
    ...deps.configuredStores.map(({ secretName }) => secretName),
  ]);
  const found = await Promise.all([...names].map((name) => webhookSecrets(deps, name).catch(noneIfUnknown)));
  return [...new Set(found.flat())];
}

const webhookSecrets = async (deps: Deps, secretName: string): Promise<readonly string[]> =>
  (await deps.secrets.read(secretName)).webhookSecrets.map((secret) => secret.reveal());

function noneIfUnknown(error: unknown): readonly string[] {
  if (error instanceof Reject) return [];
  throw error;
}

async function signalOf(deps: Deps, store: Store, delivery: Delivery): Promise<Reply> {
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
    topic: delivery.topic,
    webhookId: delivery.webhookId,
    triggeredAt: delivery.triggeredAt,
    receivedAt: deps.clock(),
    attempt: 0,
    echo: false,
    keys: [...understood.keys],
  };
  await deps.queues.send('signals', signal);
  return { status: 200, reason: 'accepted' };
}

/** Recorded and carried out by a worker: what is answered 200 is a promise that a queue keeps (R4). */
async function promise(deps: Deps, store: Store | null, delivery: Compliance): Promise<Reply> {
  if (store === null) return { status: 200, reason: 'nothing is held of this shop' };
  const asked = askedFor(delivery, store, deps.clock());
  if (!asked.ok) {
    deps.log('error', `compliance request refused: ${asked.why}`, { store: store.id, topic: delivery.topic });
    return { status: 400, reason: `${asked.why}: nothing was changed` };
  }
  for (const message of asked.messages) await deps.queues.send('privacy', message);
  return { status: 200, reason: 'accepted' };
}
