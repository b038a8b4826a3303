import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import { accept } from './accept.ts';
import { isCompliance } from './compliance.ts';
import { type Reply, refuse, topicOf } from './reply.ts';
import { authenticate, storeMeant, storeOf } from './sender.ts';
import { headersOf, type Unverified } from './verify.ts';

/**
 * Detector 1, the door's part: verify, understand, put one small message on a queue, answer. Nothing slow stands
 * on this path: no database (stores are remembered), no Shopify. What could not be made durable is answered 503,
 * so that Shopify sends it again (R4).
 */
export const BODY_BYTES_MAX = 5 * 1024 * 1024;

type Deps = Pick<
  Service,
  | 'directory'
  | 'configuredStores'
  | 'secrets'
  | 'queues'
  | 'clock'
  | 'monotonic'
  | 'log'
  | 'telemetry'
  | 'alarm'
>;

export async function receive(
  deps: Deps,
  headers: { get(name: string): string | null },
  body: Uint8Array,
): Promise<Reply> {
  if (body.byteLength > BODY_BYTES_MAX) return tooLarge(deps);
  // Azure's host leaves out a body that comes in chunks without a length: no secret is wrong then.
  if (body.byteLength === 0)
    return refuse(deps, 'no body', { status: 411, reason: 'no body arrived: send it with a Content-Length' });
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

async function admit(deps: Deps, claims: Unverified, body: Uint8Array): Promise<Reply> {
  const named = await storeOf(deps, claims.domain!);
  const store = named ?? (await storeMeant(deps, claims, body));
  const delivery =
    (await authenticate(deps, store, claims, body)) ??
    // It may be of another app of ours, which is not installed in the shop any more.
    (named === store ? null : await authenticate(deps, null, claims, body));
  if (delivery === null) {
    const reason = 'signature does not match: check the webhook secret of this store';
    return refuse(deps, 'wrong signature', { status: 401, reason }, store);
  }
  if (store === null) {
    if (isCompliance(delivery)) return { status: 200, reason: 'nothing is held of this shop' };
    const reason = 'no such store here: connect it, or remove its subscription';
    return refuse(deps, 'unknown store', { status: 404, reason });
  }
  const attributes = { StoreId: store.id, Topic: topicOf(delivery) };
  return await deps.telemetry.span({ name: 'delivery', attributes }, () => accept(deps, store, delivery));
}
