import type { Database } from './database.ts';
import { type Entity, tablesOf } from './entities/entity.ts';
import { isEntityName } from './entities/registry.ts';
import type { Raise, TakenMark, Verdict } from './mark.ts';
import type { Reads } from './shopify/read.ts';
import type { Store } from './store.ts';

/** What a batch means beyond its own keys: other keys that may be stale now, and how the store stands. */

/**
 * A changed order moves its customer's spend and order count without moving the customer's `updatedAt`. Not while
 * the store is first mirrored: the customers are being read anyway.
 */
export function raisesOf(
  entity: Entity,
  marks: readonly TakenMark[],
  verdicts: readonly Verdict[],
): readonly Raise[] {
  const raises = new Map<string, Raise>();
  for (const [i, { row }] of verdicts.entries()) {
    const mark = marks[i]!;
    if (row.do !== 'write' || mark.lane === 'backfill') continue;
    if (mark.row !== null && mark.row.contentHash === row.record.contentHash) continue;
    for (const { entity: other, column } of entity.affects) {
      const id = row.record.row[column];
      if (typeof id !== 'string' || !isEntityName(other)) continue;
      raises.set(`${other}:${id}`, {
        entity: other,
        id,
        lane: 'sweep',
        reason: `${entity.name}:changed`,
        announces: 'presence',
        expectedUpdatedAt: null,
        dueInMs: 0,
      });
    }
  }
  return [...raises.values()];
}

/** The store's status names what is withheld (R9); a read that went well ends an earlier complaint. */
export async function noteStanding(
  database: Database,
  store: Store,
  entity: Entity,
  { reads, withheld }: Reads,
): Promise<void> {
  // Absences tell nothing about fields.
  if (![...reads.values()].some(({ state }) => state === 'live')) return;
  if (isNoted(store, entity, withheld)) return;
  // What is remembered may be seconds old, and the other entities write into the same list.
  const present = (await database.stores()).find(({ id }) => id === store.id);
  if (present === undefined || isNoted(present, entity, withheld)) return;
  const others = present.settings.withheld.filter((name) => !isOf(entity, name));
  const attention = attentionLeft(present);
  await database.updateSettings(store.id, { withheld: [...others, ...withheld].sort(), attention });
}

/** What a read that went well does not mend: the names of the shop. */
const attentionLeft = ({ settings }: Store): string | null => settings.identity?.says ?? null;

const isOf = (entity: Entity, name: string): boolean => tablesOf(entity).includes(name.split('.')[0]!);

/** What is known to be withheld of an entity, sorted. */
export const withheldOf = ({ settings }: Store, entity: Entity): readonly string[] =>
  settings.withheld.filter((name) => isOf(entity, name)).sort();

const isNoted = (store: Store, entity: Entity, withheld: readonly string[]): boolean =>
  store.settings.attention === attentionLeft(store) &&
  withheldOf(store, entity).join() === [...withheld].sort().join();
