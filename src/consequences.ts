import type { Database } from './database.ts';
import type { Entity } from './entities/entity.ts';
import { isEntityName } from './entities/registry.ts';
import type { Raise, RefreshCommit, TakenMark, Verdict } from './mark.ts';
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
  changed: RefreshCommit['changed'],
): readonly Raise[] {
  const raises = new Map<string, Raise>();
  for (const [i, { row }] of verdicts.entries()) {
    const mark = marks[i]!;
    if (row.do !== 'write' || mark.lane === 'backfill') continue;
    if (mark.row !== null && mark.row.contentHash === row.record.contentHash) continue;
    // Another hash alone is no change: an earlier release made it of the same content in another way.
    if (changed.get(mark.id)?.length === 0) continue;
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

/** A read that went well ends an earlier complaint, unless it is about the names of the shop. Absences tell nothing. */
export async function endComplaint(
  database: Database,
  { id, settings }: Store,
  { reads }: Reads,
): Promise<void> {
  const attention = settings.identity?.says ?? null;
  if (settings.attention === attention) return;
  if (![...reads.values()].some(({ state }) => state === 'live')) return;
  await database.updateSettings(id, { attention });
}
