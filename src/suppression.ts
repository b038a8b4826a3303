import { createHmac } from 'node:crypto';
import type { Database } from './database.ts';
import type { Entity } from './entities/entity.ts';
import { isPersonal, ofNobodyKnown, withoutPerson } from './erasure.ts';
import { NeedsAttention } from './failures.ts';
import { type Owners, ownersOf } from './owners.ts';
import type { Secret } from './secrets.ts';
import type { KeyRead } from './shopify/read.ts';
import type { Store } from './store.ts';

/**
 * Erased people stay erased (R12), although Shopify may go on telling of them. The database knows them only by
 * keyed hashes: ids can be guessed, so a plain hash would be a list of those who asked to be forgotten.
 *
 * Suppressions are looked up under the refresh lease, and an erasure takes that lease away in the transaction that
 * adds its suppressions. So whoever read a person before cannot commit, and whoever reads after finds them. Rejected:
 * looking once more inside the commit, which would be a second judgement in SQL that nothing can ever reach.
 */
export interface PrivacyKey {
  /** Tells one key from another, and nothing of the key. */
  readonly name: string;
  hashOf(storeId: number, entity: string, id: string): string;
}

export function createPrivacyKey(secret: Secret): PrivacyKey {
  const hmac = (text: string) => createHmac('sha256', secret.reveal()).update(text).digest('base64url');
  return {
    name: hmac('the name of this key').slice(0, 12),
    hashOf: (storeId, entity, id) => hmac(`${storeId}/${entity}/${id}`),
  };
}

export interface SuppressionDeps {
  readonly database: Pick<Database, 'suppressed' | 'inheritSuppressions' | 'contents'>;
  /** Null where none is configured. */
  readonly privacyKey: () => Promise<PrivacyKey | null>;
}

/**
 * The reads as they may be judged and written: what is personal in an erased person's objects is empty. So it is where
 * nobody knows whose the object is, in a store with erased people: it is lacking until somebody knows.
 */
export async function withoutErased(
  { database, privacyKey }: SuppressionDeps,
  store: Store,
  entity: Entity,
  reads: ReadonlyMap<string, KeyRead>,
): Promise<ReadonlyMap<string, KeyRead>> {
  const live = [...reads].flatMap(([id, read]) => (read.state === 'live' ? [{ id, read }] : []));
  if (!isPersonal(entity) || live.length === 0) return reads;
  const key = await privacyKey();
  const hashed = await hashedOf(database, key, store, entity, live);
  const all = [...new Set(hashed.flatMap(({ own, people }) => [...own, ...people]))];
  const { any, erasedAt, underOtherKeys } = await database.suppressed(store.id, key?.name ?? null, all);
  if (underOtherKeys)
    throw new NeedsAttention(
      `people of ${store.domain} were erased under another PRIVACY_KEY: set that one again, or they would come back`,
    );
  if (!any) return reads;
  const inherited: { hash: string; from: string }[] = [];
  const allowed = new Map(reads);
  for (const { id, read, own, people, unknown } of hashed) {
    const [from] = [...own, ...people].filter((hash) => erasedAt.has(hash));
    if (from === undefined) {
      if (unknown !== null) allowed.set(id, { ...read, record: ofNobodyKnown(entity, read.record, unknown) });
      continue;
    }
    for (const hash of own) if (hash !== from) inherited.push({ hash, from });
    allowed.set(id, { ...read, record: withoutPerson(entity, read.record, erasedAt.get(from)!) });
  }
  // Whoever an order was erased with may be merged into somebody else: from now on it is erased by itself.
  if (inherited.length > 0) await database.inheritSuppressions(store.id, inherited);
  return allowed;
}

type LiveRead = Extract<KeyRead, { state: 'live' }>;

interface Hashed {
  readonly id: string;
  readonly read: LiveRead;
  readonly own: readonly string[];
  /** Of the people with whom the object is erased. */
  readonly people: readonly string[];
  readonly unknown: Owners['unknown'];
}

async function hashedOf(
  database: SuppressionDeps['database'],
  key: PrivacyKey | null,
  store: Store,
  entity: Entity,
  live: readonly { readonly id: string; readonly read: LiveRead }[],
): Promise<readonly Hashed[]> {
  if (key === null) return live.map((each) => ({ ...each, own: [], people: [], unknown: null }));
  const records = live.map(({ read }) => read.record);
  const owners = await ownersOf(database, store, entity, records);
  return live.map((each, i) => ({
    ...each,
    own: [key.hashOf(store.id, entity.name, each.read.record.id)],
    people: owners[i]!.known.map((owner) => key.hashOf(store.id, owner.entity, owner.id)),
    unknown: owners[i]!.unknown,
  }));
}
