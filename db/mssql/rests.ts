import { BIGINT, batch, rowsOf, run, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { CHANGED, changedOne } from './leases.ts';
import { instant } from './recordset.ts';
import { before } from './statements.ts';
import { lockAllMarks } from './stores.ts';
import { raiseEpoch } from './sync-states.ts';

/**
 * Stores that rest, why they do, and what is known of their credentials meanwhile. All times are the database's. What
 * takes a store away from whoever is at work for it takes the locks of its marks first, as stores.ts says.
 */

const OF_STORE = { storeId: BIGINT };
const RESTS = '[Id] = @storeId AND [IsActive] = 0';

/** Its credentials are refused, for good as it looks. From now on they are tried again. */
export const DEACTIVATE_STORE = transaction(
  'deactivateStore',
  OF_STORE,
  lockAllMarks,
  raiseEpoch,
  `UPDATE [Stores] SET [IsActive] = 0, [UninstalledAt] = @now, [RefusedAt] = COALESCE([RefusedAt], @now), [LookedAt] = @now,
  [Looks] = 0, [UpdatedAt] = @now WHERE [Id] = @storeId;`,
);

export const PAUSE_STORE = transaction(
  'pauseStore',
  OF_STORE,
  lockAllMarks,
  raiseEpoch,
  `UPDATE [Stores] SET [IsActive] = 0, [PausedAt] = COALESCE([PausedAt], @now), [UpdatedAt] = @now WHERE [Id] = @storeId;`,
);

/** It goes on resting until its credentials have been tried, which is to be done at once. */
export const END_PAUSE = batch(
  'endPause',
  OF_STORE,
  `UPDATE [Stores] SET [PausedAt] = NULL, [UninstalledAt] = COALESCE([UninstalledAt], @now), [LookedAt] = NULL, [Looks] = 0,
  [UpdatedAt] = @now WHERE [Id] = @storeId AND [PausedAt] IS NOT NULL;`,
);

export const NOTE_REFUSAL = batch(
  'noteRefusal',
  OF_STORE,
  `UPDATE [Stores] SET [RefusedAt] = @now WHERE [Id] = @storeId AND [RefusedAt] IS NULL;
SELECT [RefusedAt], @now AS [Now] FROM [Stores] WHERE [Id] = @storeId;`,
);

export const NOTE_ACCESS = batch(
  'noteAccess',
  OF_STORE,
  'UPDATE [Stores] SET [RefusedAt] = NULL WHERE [Id] = @storeId AND [RefusedAt] IS NOT NULL;',
);

/** One conditional update, so that of several processes one looks. */
export const TAKE_LOOK = batch(
  'takeLook',
  { ...OF_STORE, afterMs: BIGINT },
  `UPDATE [Stores] SET [LookedAt] = @now, [Looks] = COALESCE([Looks], 0) + 1
WHERE ${RESTS} AND [PausedAt] IS NULL AND ([LookedAt] IS NULL OR [LookedAt] <= ${before('@now', '@afterMs')});`,
  CHANGED,
);

export const LOOK_SOON = batch(
  'lookSoon',
  OF_STORE,
  `UPDATE [Stores] SET [LookedAt] = NULL, [Looks] = 0 WHERE ${RESTS};`,
);

export const COUNT_UNHEARD = batch(
  'countUnheard',
  OF_STORE,
  `UPDATE [Stores] SET [Unheard] = COALESCE([Unheard], 0) + 1 WHERE ${RESTS};`,
);

const carriedOut =
  (what: typeof DEACTIVATE_STORE) =>
  async (connection: Connection, storeId: number): Promise<void> => {
    await run(connection, what, { storeId });
  };

export const deactivateStore = carriedOut(DEACTIVATE_STORE);
export const pauseStore = carriedOut(PAUSE_STORE);
export const endPause = carriedOut(END_PAUSE);
export const noteAccess = carriedOut(NOTE_ACCESS);
export const lookSoon = carriedOut(LOOK_SOON);
export const countUnheard = carriedOut(COUNT_UNHEARD);

export async function noteRefusal(connection: Connection, storeId: number): Promise<number> {
  const [row] = await rowsOf(connection, NOTE_REFUSAL, { storeId });
  return row === undefined ? 0 : instant(row, 'Now') - instant(row, 'RefusedAt');
}

export const takeLook = (connection: Connection, storeId: number, afterMs: number): Promise<boolean> =>
  changedOne(connection, TAKE_LOOK, { storeId, afterMs });
