import { Reject } from '../src/failures.ts';
import type { AppKeys } from '../src/secrets.ts';
import type { Service } from '../src/service.ts';
import { installLink, isShopDomain, readReturn } from '../src/shopify/installation.ts';
import { tokensOf } from '../src/shopify/offline-token.ts';
import { askForToken, type TokenAnswer } from '../src/shopify/token-endpoint.ts';
import { storeNamed } from '../src/store-names.ts';
import { underTokenLease } from '../src/token-lease.ts';
import { storeSecretName } from '../src/vault-documents.ts';
import { attend } from './upkeep.ts';

/**
 * Stores that come while Driftless runs, installed by a merchant (add-store.ts has the other way). It ends with
 * credentials in the vault, a first answer of Shopify's, and the first mirror under way; doing it again changes nothing.
 */

/** Where a merchant of the store agrees that the app is installed. Good for a day. */
export async function linkToInstall(service: Service, domain: string): Promise<string> {
  const shop = shopDomain(domain);
  const [keys] = await service.secrets.appKeys(await secretNameOf(service, shop));
  const installing = {
    domain: shop,
    origin: service.originOf(shop),
    redirectUrl: redirectUrlOf(service),
  };
  return installLink(installing, keys!, service.clock(), service.nonce());
}

export type Installed =
  | { readonly ok: true; readonly domain: string }
  /** For the merchant: what was wrong with the link or the code. */
  | { readonly ok: false; readonly why: string };

/**
 * A merchant has agreed: `query` is what Shopify sent his browser back with. The code is exchanged under the
 * store's lease, because it ends all earlier tokens: a renewal that is under way would write its dead ones last.
 */
export async function finishInstall(service: Service, query: URLSearchParams): Promise<Installed> {
  const { secrets, database } = service;
  const { returned, keys } = await believed(service, query);
  if (!returned.ok) return returned;
  const { domain, code } = returned;
  const secretName = storeSecretName(domain);
  const { id } =
    storeNamed(await database.stores(), domain) ?? (await database.registerStore({ domain, secretName }));
  const answer = await underTokenLease(service, id, async () => {
    const exchanged = await exchange(service, domain, keys, code);
    if (exchanged.ok) await secrets.writeTokens(secretName, tokensOf(exchanged.granted));
    return exchanged;
  });
  if (!answer.ok)
    return {
      ok: false,
      why: `Shopify did not take the code (${answer.refusal.status} ${answer.refusal.code}): open the install link again`,
    };
  await rememberKind(service, secretName);
  // Not before: with a code that Shopify does not take, a store keeps its credentials, and its patience.
  await database.registerStore({ domain, secretName });
  await database.lookSoon(id);
  // Who it is, Shopify says now: a shop that is known under another name keeps its store. One that cannot be reached yet
  // is tried again by the upkeep, and its status says why.
  await attend(service, { domain, secretName });
  return { ok: true, domain };
}

/** Judged by the app's keys as they were last read, and if those do not fit, as they are now. */
async function believed(service: Service, query: URLSearchParams) {
  const { secrets, clock } = service;
  const secretName = await secretNameOf(service, query.get('shop')?.toLowerCase() ?? '');
  const known = await secrets.appKeys(secretName);
  const returned = readReturn(query, clientSecrets(known), clock);
  const present = returned.ok ? known : await secrets.appKeysAgain(secretName);
  return {
    keys: present[0]!,
    returned: present === known ? returned : readReturn(query, clientSecrets(present), clock),
  };
}

/** Of a store that is known here: anybody can name a shop to the callback, and has nothing read by that. */
async function secretNameOf({ directory, configuredStores }: Service, domain: string) {
  const isKnown =
    configuredStores.some((store) => store.domain === domain) || (await directory.byDomain(domain)) !== null;
  return isKnown ? storeSecretName(domain) : undefined;
}

const clientSecrets = (versions: readonly AppKeys[]) => versions.map(({ clientSecret }) => clientSecret);

/** `expiring: '1'` asks for a token that has to be renewed: the only kind that a public app may use from 2027 on. */
const exchange = (
  { fetch, clock, monotonic, originOf }: Service,
  domain: string,
  { clientId, clientSecret }: AppKeys,
  code: string,
): Promise<TokenAnswer> =>
  askForToken(
    { fetch, clock, monotonic, origin: originOf(domain) },
    { client_id: clientId, client_secret: clientSecret.reveal(), code, expiring: '1' },
  );

/** A store whose document says so already keeps it: each version of it means something. */
async function rememberKind({ secrets }: Service, secretName: string): Promise<void> {
  try {
    if ((await secrets.readAgain(secretName)).admin.kind === 'offline') return;
  } catch (error) {
    // Not there yet, or not to be read: it is written now.
    if (!(error instanceof Reject)) throw error;
  }
  await secrets.writeStore(secretName, { kind: 'offline' });
}

function redirectUrlOf({ webhookUrl }: Service): string {
  if (webhookUrl === null)
    throw new Reject('WEBHOOK_URL is missing: Shopify sends the merchant back to the same host, set it');
  return new URL('/api/stores/callback', webhookUrl).href;
}

/** The domain as it is kept. Throws a `Reject` for what is none of a shop. */
export function shopDomain(text: string): string {
  const domain = text.trim().toLowerCase();
  if (isShopDomain(domain)) return domain;
  throw new Reject('that is no domain of a shop: it looks like example.myshopify.com');
}
