import type { EntityName } from '../../src/entities/registry.ts';
import { BIGINT, batch, batchesBy, rowsOf, TEXT } from './batch.ts';
import type { Connection } from './connection.ts';
import { number } from './recordset.ts';
import { liveRows } from './rows.ts';

/** Burials that no delivery announced: what R10's brake looks at, for an hour. */

const HOUR_AGO = 'DATEADD(hour, -1, @now)';

/** Counts those among `@changes`, and forgets what the brake no longer looks at. */
export const countBurials = `DECLARE @unannounced int = (
  SELECT COUNT(*) FROM @changes AS c
  INNER JOIN @verdicts AS v ON v.[Id] = c.[Id]
  WHERE c.[Type] = N'deleted' AND v.[Announced] = 0
);
IF @unannounced > 0
BEGIN
  DELETE FROM [Burials] WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] <= ${HOUR_AGO};
  UPDATE [Burials] SET [Times] = [Times] + @unannounced
  WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] = @now;
  IF @@ROWCOUNT = 0
    INSERT INTO [Burials] ([StoreId], [Entity], [BuriedAt], [Times]) VALUES (@storeId, @entity, @now, @unannounced);
END;`;

export const burialFactsBatch = batchesBy((entity: EntityName) =>
  batch(
    `burialFacts ${entity}`,
    { storeId: BIGINT, entity: TEXT },
    `SELECT ${liveRows(entity)} AS [Live], (
  SELECT COALESCE(SUM([Times]), 0) FROM [Burials]
  WHERE [StoreId] = @storeId AND [Entity] = @entity AND [BuriedAt] > ${HOUR_AGO}
) AS [BuriedLastHour];`,
  ),
);

export async function burialFacts(connection: Connection, storeId: number, entity: EntityName) {
  const [facts = {}] = await rowsOf(connection, burialFactsBatch(entity), { storeId, entity });
  return { live: number(facts, 'Live'), buriedLastHour: number(facts, 'BuriedLastHour') };
}
