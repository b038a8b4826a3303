import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import { NeedsAttention } from '../src/failures.ts';
import type { PrivacyKeys, PrivacyRequest } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import type { PrivacyKey } from '../src/suppression.ts';
import { removeExports } from './held-exports.ts';
import type { Step, Work } from './step.ts';

/**
 * `customers/redact`: empties what is personal in a customer's row and orders, and sees to it that it stays empty.
 *
 *   suppress customer and named orders ─▶ find the customer's orders ─▶ suppress those, note all ─▶ empty them in steps
 *
 * In this order nothing slips through: once the customer is suppressed no order of theirs is written with a name in it,
 * so those with one that are there are all there are. An order gets a suppression of its own because Shopify may
 * forget whose it was, and go on telling the address.
 */
const KEYS_PER_STEP = 250;

export async function erasePerson({ service, request, isOver }: Work): Promise<Step> {
  const key = await neededKey(service);
  const subject = request.subject ?? subjectOf(key, request);
  const keys = request.state === 'erasing' ? request.keys : await begin(service, request, key, subject);
  const announce = service.outbox !== null;
  for (const { entity, ids } of keys)
    for (let at = 0; at < ids.length; at += KEYS_PER_STEP) {
      if (isOver()) return { state: 'more' };
      await service.database.eraseRows(request.id, entity, ids.slice(at, at + KEYS_PER_STEP), announce);
    }
  const exports = await removeExports(
    service,
    (held) => held.storeId === request.storeId && held.subject === subject,
  );
  const rows = await service.database.privacyCounts(request.id);
  return { state: 'done', message: null, subject, rows, exports, written: null };
}

/** Answers everything that is to be emptied. */
async function begin(
  { database }: Service,
  request: PrivacyRequest,
  key: PrivacyKey,
  subject: string,
): Promise<readonly PrivacyKeys[]> {
  const { id, storeId } = request;
  const hashesOf = (keys: readonly PrivacyKeys[]) =>
    keys.flatMap(({ entity, ids }) => ids.map((each) => key.hashOf(storeId, entity, each)));
  const adding = { keyName: key.name, subject };
  await database.suppress(id, { ...adding, hashes: hashesOf(request.keys), erase: null });
  const erase = await withTheirs(database, request);
  await database.suppress(id, { ...adding, hashes: hashesOf(erase), erase });
  return erase;
}

/** What the request names, and what in the mirror belongs to the people it names. */
export async function withTheirs(
  database: Pick<Service['database'], 'idsBy'>,
  { storeId, keys }: Pick<PrivacyRequest, 'storeId' | 'keys'>,
): Promise<readonly PrivacyKeys[]> {
  const all: PrivacyKeys[] = [];
  for (const entity of ENTITY_NAMES) {
    const { table, erasedWith } = entityOf(entity);
    const ids = new Set(idsIn(keys, entity));
    for (const { entity: people, column } of erasedWith) {
      const found = await database.idsBy(storeId, entity, table, column, idsIn(keys, people));
      for (const each of found) ids.add(each);
    }
    if (ids.size > 0) all.push({ entity, ids: [...ids] });
  }
  return all;
}

const idsIn = (keys: readonly PrivacyKeys[], entity: EntityName | string): readonly string[] =>
  keys.find((each) => each.entity === entity)?.ids ?? [];

/** By which the answers to a customer's requests are found without knowing the customer. */
export function subjectOf(key: PrivacyKey, { storeId, keys }: PrivacyRequest): string {
  const [customer] = idsIn(keys, 'customers');
  if (customer === undefined) throw new Error('a request about a customer names none');
  return key.hashOf(storeId, 'customers', customer);
}

export async function neededKey({ privacyKey }: Pick<Service, 'privacyKey'>): Promise<PrivacyKey> {
  const key = await privacyKey();
  if (key !== null) return key;
  throw new NeedsAttention(
    'privacy requests wait for PRIVACY_KEY: set it to a secret of 32 characters or more, and keep it for ever',
  );
}
