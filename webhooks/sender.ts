import { Reject, Transient } from '../src/failures.ts';
import { isPrivacyTopic } from '../src/privacy-request.ts';
import type { Credentials } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import { isShopDomain } from '../src/shopify/installation.ts';
import type { Store } from '../src/store.ts';
import { bodyOf } from './signal.ts';
import { type Delivery, enumOf, type Unverified, verify } from './verify.ts';

/** Who sent a delivery: which of our stores it names, and whether that store's secrets signed it. */

/**
 * What the door has to know of a store. While the database is away its row id is null, and so is the name of its
 * secret where the configuration does not say it: then the keys of the app that merchants install vouch alone.
 */
export type KnownStore = Pick<Store, 'domain' | 'formerDomains' | 'active' | 'shopId'> & {
  readonly id: number | null;
  readonly secretName: string | null;
};

type Deps = Pick<Service, 'directory' | 'configuredStores' | 'secrets' | 'monotonic' | 'log' | 'alarm'>;

/** A server that swallows what it is sent is waited for a minute. Shopify hangs up after five seconds. */
const PATIENCE_MS = 2_000;

/**
 * A process that starts while the database is away knows no store, and it may be away for longer than Shopify goes on
 * trying. Those that the configuration names can be verified without it, and those that merchants installed too:
 * whose signal it is, the worker looks up by its domain when the database is back.
 */
export async function storeOf(deps: Deps, domain: string): Promise<KnownStore | null> {
  try {
    return await lookedUp(deps, domain);
  } catch (error) {
    const named = domain.toLowerCase();
    const configured = deps.configuredStores.find((each) => each.domain === named);
    const isAway = error instanceof Transient || error instanceof Reject;
    if (!isAway || (configured === undefined && !isShopDomain(named))) throw error;
    const secretName = configured?.secretName ?? null;
    return { domain: named, formerDomains: [], secretName, id: null, shopId: null, active: true };
  }
}

/**
 * The store of the shop that a compliance body says it is about, where nobody has the name in the header: the shop was
 * renamed, and what is held of its people is held (R8). Nothing else is done with what is not verified yet.
 */
export async function storeMeant(
  { directory }: Pick<Deps, 'directory'>,
  claims: Unverified,
  body: Uint8Array,
): Promise<Store | null> {
  if (!isPrivacyTopic(enumOf(claims.topic ?? '')) || body.byteLength > MEANT_BYTES_MAX) return null;
  const shopId = bodyOf({ body })?.['shop_id'];
  return (await directory.all()).find((store) => store.shopId !== null && store.shopId === shopId) ?? null;
}

/** A thousand times what such a body has: it is parsed for whoever knocks. */
const MEANT_BYTES_MAX = 256 * 1024;

async function lookedUp({ directory, alarm }: Deps, domain: string): Promise<Store | null> {
  using bell = alarm(PATIENCE_MS);
  const { promise: over, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Transient('the database does not say in time which stores there are'));
  bell.signal.addEventListener('abort', late, { once: true });
  return await Promise.race([directory.byDomain(domain), over]);
}

/** Null when none of the secrets signed it. */
export async function authenticate(
  deps: Deps,
  store: KnownStore | null,
  claims: Unverified,
  body: Uint8Array,
): Promise<Delivery | null> {
  const delivery =
    verify(claims, body, await secretsFor(deps, store)) ?? (await verifyAgain(deps, store, claims, body));
  if (delivery !== null || store === null) return delivery;
  // It may be signed by a secret of its own, or be no store of ours.
  if (store.secretName === null) throw new Transient('which store this is cannot be looked up now');
  complain(deps, store);
  return null;
}

/**
 * The secret may have been rotated since it was read. It is read again, which is bounded; only another one is worth
 * another look. A shop that is not here has no secret of its own to be read again.
 */
async function verifyAgain(
  { secrets }: Deps,
  store: KnownStore | null,
  claims: Unverified,
  body: Uint8Array,
): Promise<Delivery | null> {
  if (store === null || store.secretName === null) return null;
  const tried = await secrets.read(store.secretName);
  const present = await secrets.readAgain(store.secretName);
  return present === tried ? null : verify(claims, body, revealed(present));
}

/**
 * A shop we do not know is judged by the secrets of the apps that we know of without looking for them: a valid
 * signature then earns an honest answer. Shopify asks for the privacy of people also in a shop that was erased here,
 * and it may have been the last. Not by those of all stores: anybody may name a shop, and would have the whole
 * vault read, and a large body hashed as often as there are stores.
 */
async function secretsFor(deps: Deps, store: KnownStore | null): Promise<readonly string[]> {
  if (store?.secretName === null) return await appSecrets(deps);
  if (store !== null) return await webhookSecrets(deps, store.secretName);
  const names = new Set(deps.configuredStores.map(({ secretName }) => secretName));
  const found = [...names].map((name) => webhookSecrets(deps, name).catch(noneIfUnknown));
  return [...new Set((await Promise.all([...found, appSecrets(deps)])).flat())];
}

const appSecrets = async ({ secrets }: Deps): Promise<readonly string[]> =>
  (await secrets.appKeys().catch(noneIfUnknown)).map(({ clientSecret }) => clientSecret.reveal());

const webhookSecrets = async (deps: Deps, secretName: string): Promise<readonly string[]> =>
  revealed(await deps.secrets.read(secretName));

const revealed = ({ webhookSecrets }: Credentials): readonly string[] =>
  webhookSecrets.map((secret) => secret.reveal());

function noneIfUnknown(error: unknown): readonly never[] {
  if (error instanceof Reject) return [];
  throw error;
}

/** A wrong secret would show only as staleness; but anybody may knock, so it is said once in a while. */
const COMPLAINT_MS = 10 * 60_000;
const complainedAt = new WeakMap<Deps['directory'], Map<string, number>>();

function complain({ directory, monotonic, log }: Deps, store: KnownStore): void {
  const times = complainedAt.get(directory) ?? new Map<string, number>();
  complainedAt.set(directory, times);
  if (monotonic() - (times.get(store.domain) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_MS) return;
  times.set(store.domain, monotonic());
  log('signatureWrong', { StoreId: store.id, Domain: store.domain });
}
