import type { Columns, Value } from '../src/entities/column.ts';
import type { ChildSet, Entity } from '../src/entities/entity.ts';
import { entityOf } from '../src/entities/registry.ts';
import { NeedsAttention } from '../src/failures.ts';
import type { PrivacyKeys } from '../src/privacy-request.ts';
import type { MirrorChild } from '../src/record.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { neededKey, subjectOf, withTheirs } from './person.ts';
import type { Done, Work } from './step.ts';

/**
 * `customers/data_request`: writes everything that is held of a customer into a file, for the operator to send on:
 * their row and orders in full, and what the machinery knows of these.
 */
const KEYS_PER_READ = 250;

export async function exportHeld({ service, request }: Work): Promise<Done> {
  const { database, exports, clock } = service;
  const subject = subjectOf(await neededKey(service), request);
  if (exports === null)
    throw new NeedsAttention('data requests wait for EXPORT_DIR: set it to a directory for their answers');
  const name = `data-request-${request.id}.json`;
  const store = (await database.stores()).find(({ id }) => id === request.storeId);
  if (store === undefined) {
    // An attempt that died may have left it.
    await exports.remove(name);
    return { state: 'done', message: 'the store is gone', subject, rows: {}, exports: [], written: null };
  }
  const keys = await withTheirs(database, request);
  const rows: Record<string, number> = {};
  const held = {
    shop: store.domain,
    askedAt: new Date(request.receivedAt).toISOString(),
    writtenAt: new Date(clock()).toISOString(),
    ...(await contentsOf(database, store, keys, rows)),
    history: await historyOf(database, store, keys),
  };
  await exports.write(name, new TextEncoder().encode(`${JSON.stringify(held, null, 2)}\n`));
  const message = `written to ${exports.whereIs(name)}: send it to the owner of the shop that it names within the time; it is removed after 30 days`;
  return { state: 'done', message, subject, rows, exports: [name], written: name };
}

type Json = Readonly<Record<string, unknown>>;

/** By entity; counts the rows of each table into `rows`. */
async function contentsOf(
  database: Service['database'],
  store: Store,
  keys: readonly PrivacyKeys[],
  rows: Record<string, number>,
): Promise<Json> {
  const contents: Record<string, readonly Json[]> = {};
  for (const { entity: name, ids } of keys) {
    const entity = entityOf(name);
    const found: Json[] = [];
    for (const some of chunks(ids))
      for (const row of await database.contents(store.id, name, some)) {
        const spelled = spelledOut(entity.table, entity.key, entity, row, rows);
        found.push({ ...spelled, deletedAt: isoOrNull(row.deletedAt), erasedAt: isoOrNull(row.erasedAt) });
      }
    contents[name] = found;
  }
  return contents;
}

/** A row with its children, by the names of columns and tables. */
function spelledOut(
  table: string,
  key: string,
  { columns, children }: Pick<Entity, 'columns' | 'children'>,
  row: MirrorChild,
  rows: Record<string, number>,
): Json {
  rows[table] = (rows[table] ?? 0) + 1;
  const own = Object.entries(row.row).map(([name, value]) => [name, spelled(columns, name, value)]);
  const below = children.map((set: ChildSet) => {
    const list = row.children[set.table] ?? [];
    return [set.table, list.map((child) => spelledOut(set.table, set.key, set, child, rows))];
  });
  return Object.fromEntries([[key, row.key], ...own, ...below]);
}

/** The four times of a mirrored object are no columns of the entity. */
const spelled = (columns: Columns, name: string, value: Value): Value =>
  typeof value === 'number' && (columns[name] === undefined || columns[name].kind === 'instant')
    ? new Date(value).toISOString()
    : value;

const isoOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** Which webhooks told of them, and what was found and changed when. */
async function historyOf(
  database: Service['database'],
  store: Store,
  keys: readonly PrivacyKeys[],
): Promise<readonly Json[]> {
  const history: Json[] = [];
  for (const { entity, ids } of keys)
    for (const id of ids) {
      const { deliveries, changes, gaps, reject } = await database.keyStory(store.id, entity, id);
      if (deliveries.length + changes.length + gaps.length > 0 || reject !== null)
        history.push({ entity, id, deliveries, changes, gaps, reject });
    }
  return history;
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += KEYS_PER_READ) yield ids.slice(at, at + KEYS_PER_READ);
}
