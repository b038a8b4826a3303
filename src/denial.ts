import type { Timing } from './clock.ts';
import type { Database } from './database.ts';
import type { EntityName } from './entities/registry.ts';
import type { Telling } from './entities/telling.ts';
import type { Lacks } from './lack.ts';
import type { Log } from './log.ts';
import type { MirrorView } from './record.ts';
import type { KeyRead, Reads } from './shopify/read.ts';
import type { Store } from './store.ts';

/**
 * What speaks for it that Shopify denies a field to this app in every object, kept with the store's settings. One denial
 * proves nothing: it may be a moment's, or one object's. A mark is let go without the value only once the field is known
 * to be denied (R9): denied in all objects that could have told it, in each answer since the first, two of them SETTLE
 * apart, in at least 20 objects or in all there are, and in none of them told since the scopes were read: a row that has
 * the value from then speaks against it. The first object that tells the value ends it, until the scopes are
 * read again; and so does any change of them.
 *
 * How many objects it was is not counted here but in the rows, which remember what they lack: an object that is read
 * twice is one.
 */
export interface Denial {
  /** Shopify's time of the first answer that denied the field in all objects that could have told it. */
  readonly firstAt: number;
  /** Shopify's time of the answer that proved it; null until then. */
  readonly since: number | null;
  /** An object told the value: until the scopes are read again nothing proves a denial. */
  readonly told: boolean;
}

export type Denials = Readonly<Record<string, Denial>>;

const OBJECTS_MIN = 20;

export interface DenialDeps {
  readonly database: Pick<Database, 'stores' | 'updateSettings' | 'lacking' | 'longestUnread' | 'mirrorOf'>;
  readonly timing: Timing;
  readonly log: Log;
}

/** What is known as denied once these tellings of one answer are weighed; noted before any mark is let go by it. */
export async function weighDenials(
  { database, timing, log }: DenialDeps,
  store: Store,
  entity: EntityName,
  { reads, tellings = [] }: Reads,
): Promise<Denials> {
  const sentAt = [...reads.values()].find((read) => read.state === 'live')?.sentAt;
  if (tellings.length === 0 || sentAt === undefined) return store.settings.denied;
  // What is remembered may be seconds old, and the other entities write into the same list.
  const present = (await database.stores()).find(({ id }) => id === store.id);
  if (present === undefined) return {};
  const before = present.settings.denied;
  const after: Record<string, Denial> = { ...before };
  const isFirst = tellings.some(({ column, denied }) => denied > 0 && before[column] === undefined);
  const stood = isFirst ? await database.mirrorOf(store.id, entity, [...reads.keys()]) : new Map();
  const { scopesReadAt } = present.settings;
  for (const telling of tellings) {
    const { column } = telling;
    const denial = weigh(before[column], telling, sentAt, wasTold(column, reads, stood, scopesReadAt));
    if (denial === null) delete after[column];
    else after[column] = denial;
    if (denial === null || denial.told || denial.since !== null) continue;
    if (telling.denied === 0 || sentAt < denial.firstAt + timing.settleMs) continue;
    if (!(await isOfAll(database, store.id, entity, column, denial.firstAt))) continue;
    after[column] = { ...denial, since: sentAt };
    log('fieldDenied', { StoreId: store.id, Domain: store.domain, Entity: entity, Column: column });
  }
  if (JSON.stringify(after) !== JSON.stringify(before))
    await database.updateSettings(store.id, { denied: after });
  return after;
}

/** An answer that denied it in no object and told it of none says nothing. */
function weigh(known: Denial | undefined, answer: Telling, sentAt: number, wasTold: boolean): Denial | null {
  if (answer.told || known?.told || (known === undefined && wasTold))
    return { firstAt: known?.firstAt ?? sentAt, since: null, told: true };
  if (answer.failed && known?.since == null) return null;
  return known ?? (answer.denied > 0 ? { firstAt: sentAt, since: null, told: false } : null);
}

/** Whether an object that denies the column now has told it in an answer of the time since the scopes were read. */
const wasTold = (
  column: string,
  reads: ReadonlyMap<string, KeyRead>,
  stood: ReadonlyMap<string, MirrorView>,
  scopesReadAt: number,
): boolean =>
  [...reads].some(([id, read]) => {
    if (read.state !== 'live' || read.record.lacks?.[column] !== 'denied') return false;
    const row = stood.get(id)?.row;
    if (row == null || row.deletedAt !== null || row.readAt < scopesReadAt) return false;
    const table = column.slice(0, column.indexOf('.'));
    return row.lacks?.[column] === undefined && row.lacks?.[`${table}.*`] === undefined;
  });

/** What is left of it once the scopes are read again; nothing, where others were granted than before. */
export const afterScopesRead = (denied: Denials, haveChanged: boolean): Denials =>
  haveChanged ? {} : Object.fromEntries(Object.entries(denied).filter(([, { told }]) => !told));

/** Rows that were read since the first denial: enough of them lack the column, or there are no others. */
async function isOfAll(
  database: DenialDeps['database'],
  storeId: number,
  entity: EntityName,
  column: string,
  since: number,
): Promise<boolean> {
  const lacking = (await database.lacking(storeId, entity, since)).filter((each) => each.column === column);
  if (lacking.reduce((sum, { rows }) => sum + rows, 0) >= OBJECTS_MIN) return true;
  const [oldest] = await database.longestUnread(storeId, entity, 1);
  if (oldest === undefined) return false;
  const view = (await database.mirrorOf(storeId, entity, [oldest])).get(oldest);
  return view?.row != null && view.row.readAt >= since;
}

/** A denial that is not known to be one of all objects is an error like any other: the value is asked for again. */
export const withDenials = (
  reads: ReadonlyMap<string, KeyRead>,
  denied: Denials,
): ReadonlyMap<string, KeyRead> =>
  new Map(
    [...reads].map(([id, read]) => {
      if (read.state !== 'live' || read.record.lacks === null) return [id, read];
      return [id, { ...read, record: { ...read.record, lacks: judged(read.record.lacks, denied) } }];
    }),
  );

const judged = (lacks: Lacks, denied: Denials): Lacks =>
  Object.fromEntries(
    Object.entries(lacks).map(([column, reason]) => [
      column,
      reason === 'denied' && denied[column]?.since == null ? 'error' : reason,
    ]),
  );
