import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
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

type Deps = Pick<Service, 'directory' | 'secrets' | 'queues' | 'clock' | 'log'>;

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
    if (!(error instanceof Transient)) throw error;
    deps.log('warning', 'delivery answered 503', { cause: error.message });
    return { status: 503, reason: 'cannot be made durable now: send it again' };
  }
}

async function admit(deps: Deps, claims: Unverified, body: Uint8Array): Promise<Reply> {
  const store = await deps.directory.byDomain(claims.domain!);
  const delivery = verify(claims, body, await secretsFor(deps, store));
  if (delivery === null)
    return { status: 401, reason: 'signature does not match: check the webhook secret of this store' };
  if (store === null)
    return { status: 404, reason: 'no such store here: connect it, or remove its subscription' };
  if (!store.active) return { status: 200, reason: 'store is not active' };
  return await signalOf(deps, store, delivery);
}

/** A shop we do not know is judged by every secret we have: a valid signature then earns an honest 404. */
async function secretsFor(deps: Deps, store: Store | null): Promise<readonly string[]> {
  const stores = store === null ? await deps.directory.all() : [store];
  const names = [...new Set(stores.map(({ secretName }) => secretName))];
  const found = await Promise.all(names.map((name) => webhookSecrets(deps, name)));
  return [...new Set(found.flat())];
}

async function webhookSecrets(deps: Deps, secretName: string): Promise<readonly string[]> {
  try {
    return (await deps.secrets.read(secretName)).webhookSecrets;
  } catch (error) {
    if (error instanceof Reject) return [];
    throw error;
  }
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
    keys: [...understood.keys],
  };
  await deps.queues.send('signals', signal);
  return { status: 200, reason: 'accepted' };
}
