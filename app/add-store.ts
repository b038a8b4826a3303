import { z } from 'zod';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { storeNamed } from '../src/store-names.ts';
import { knownCredentials, storeSecretName } from '../src/vault-documents.ts';
import { shopDomain } from './install-store.ts';
import { attend } from './upkeep.ts';

/**
 * An operator adds a store whose credentials he has: `POST /api/stores` with `{ store, credentials }`, the latter as
 * docs/secrets.md shows them for the vault, where they are kept. An offline token has to be granted by a merchant instead.
 */
const request = z.strictObject({ store: z.string(), credentials: knownCredentials });

export interface AddReply {
  readonly status: 201 | 400 | 409 | 422 | 503;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function addByHand(service: Service, json: unknown): Promise<AddReply> {
  const parsed = request.safeParse(json);
  // Names of fields alone: what is in them may be a secret (R12).
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole'));
    return refused(400, `wrong or missing: ${[...fields].join(', ')}; docs/secrets.md shows the credentials`);
  }
  try {
    const { store, credentials } = parsed.data;
    const known = storeNamed(await service.database.stores(), shopDomain(store));
    if (known?.rest?.why === 'paused')
      return refused(409, 'an operator has paused the store: resume it first');
    // A slip would take the credentials away from a store that works.
    if (isAtWork(known))
      return refused(409, 'the store is here and works: write another version of its secret in the vault');
    const { id, domain } = await addStore(service, store, credentials);
    return { status: 201, body: { store: domain, id } };
  } catch (error) {
    if (error instanceof Transient) return refused(503, `not now, try again in a minute: ${error.message}`);
    if (error instanceof Reject) return refused(422, error.message);
    throw error;
  }
}

const refused = (status: 400 | 409 | 422 | 503, error: string): AddReply => ({ status, body: { error } });

const isAtWork = (store: Store | undefined): boolean =>
  store?.active === true && store.shopId !== null && store.settings.attention === null;

/**
 * Ends with the credentials in the vault, a first answer of Shopify's, and the first mirror under way. Throws a
 * `Reject` that says what to do when the domain or the credentials are wrong; added again rightly, it mends itself.
 */
export async function addStore(
  service: Service,
  text: string,
  credentials: z.output<typeof knownCredentials>,
): Promise<Store> {
  const domain = shopDomain(text);
  const secretName = storeSecretName(domain);
  await service.secrets.writeStore(secretName, credentials);
  // A row that is there is tried with these from now on. None is made before Shopify has said who this is.
  const known = storeNamed(await service.database.stores(), domain);
  if (known !== undefined) {
    await service.database.registerStore({ domain, secretName });
    await service.database.lookSoon(known.id);
  }
  const fine = await attend(service, { domain, secretName });
  const store = storeNamed(await service.database.stores(), domain);
  if (fine && store !== undefined) return store;
  throw new Reject(
    store?.settings.attention ??
      `${domain} was added and could not be reached yet: it is tried again within minutes`,
  );
}
