import { eq, sql } from 'drizzle-orm';
import type { Lease } from '../../src/lease.ts';
import { LANES } from '../../src/mark.ts';
import type { Touch } from '../../src/run.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { greater, KEY, KEY_COLUMNS, keyOf } from './marks.ts';
import { incoming, placeholders, prepared } from './statements.ts';

/** Marks that a census sets, or touches, because of what it saw of their keys; and the end of those that it held. */

const { StaleKeys } = schema;

/**
 * The marks of keys that a census compares: held (without a due time) or not. One that stands gets a fresh sequence, so
 * that no read that is under way, hence older than what the census saw, ends it (R6, R15); it keeps its due time and its
 * own way. If an earlier census left it held, and this one would hold it too, it belongs to this one now.
 */
const sighting = prepared(({ db }) =>
  db
    .insert(StaleKeys)
    .values({
      ...KEY,
      ...placeholders('Sequence', 'Reason', 'MarkedAt', 'RaisedAt', 'DueAt', 'HintedAt'),
      ...placeholders('HeldByRun', 'FoundByRun'),
      Lane: LANES.indexOf('census'),
      Announces: 'presence',
      Attempts: 0,
      Repaired: false,
    })
    .onConflictDoUpdate({
      target: KEY_COLUMNS,
      set: {
        Sequence: incoming(StaleKeys.Sequence),
        HeldByRun: sql`case when ${StaleKeys.HeldByRun} is null then null
          else coalesce(${incoming(StaleKeys.HeldByRun)}, ${StaleKeys.HeldByRun}) end`,
        FoundByRun: sql`coalesce(${StaleKeys.FoundByRun}, ${incoming(StaleKeys.FoundByRun)})`,
        HintedAt: greater(StaleKeys.HintedAt),
        ExcusesBefore: null,
      },
    })
    .prepare(),
);

/** Marks what is to be held until the census `runId` ends: of these keys a live answer proves nothing for SETTLE. */
export function hold(
  connection: Connection,
  { storeId, entity }: Lease,
  runId: number,
  ids: readonly string[],
): void {
  const now = connection.clock();
  const held = { Reason: 'census:vanished', DueAt: null, HintedAt: now, HeldByRun: runId };
  for (const id of ids) sight(connection, keyOf(storeId, entity, id), runId, held);
}

/** The marks of keys that stood marked when the census `runId` compared them; they may have ended since. */
export function touch(
  connection: Connection,
  { storeId, entity }: Lease,
  runId: number,
  touches: readonly Touch[],
): void {
  const now = connection.clock();
  for (const { id, unlisted } of touches) {
    const touched = { Reason: 'census:marked', DueAt: now, HintedAt: unlisted ? now : null, HeldByRun: null };
    sight(connection, keyOf(storeId, entity, id), runId, touched);
  }
}

const sight = (
  connection: Connection,
  key: ReturnType<typeof keyOf>,
  runId: number,
  more: Readonly<Record<'Reason' | 'DueAt' | 'HintedAt' | 'HeldByRun', string | number | null>>,
) => {
  const now = connection.clock();
  const mark = { Sequence: connection.nonce(), MarkedAt: now, RaisedAt: now, FoundByRun: runId };
  sighting(connection).run({ ...key, ...mark, ...more });
};

export const releaseHeld = ({ db, clock }: Connection, runId: number): number =>
  Number(
    db.update(StaleKeys).set({ DueAt: clock(), HeldByRun: null }).where(eq(StaleKeys.HeldByRun, runId)).run()
      .changes,
  );
