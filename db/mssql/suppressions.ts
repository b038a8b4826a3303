import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import { isPersonal } from '../../src/erasure.ts';
import type { Erasing, Suppressed } from '../../src/privacy-request.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, JSON_TEXT, run, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { takeLeasesAway } from './leases.ts';
import { addKeys, keysJson, theRequest } from './privacy-requests.ts';
import { flag, instant, text } from './recordset.ts';
import { declareTable, fieldsOf, openJson } from './statements.ts';
import { lockAllMarks } from './stores.ts';

/** Who must never return: written with the fence of whoever may be about to bring them back. */

const HASH = fieldsOf(schema.Suppressions, 'KeyHash');

const declareHashes = `${declareTable('@hashes', HASH)}
INSERT INTO @hashes ([KeyHash]) SELECT DISTINCT [value] FROM OPENJSON(@hashesJson);`;

export const SUPPRESSED = batch(
  'suppressed',
  { storeId: BIGINT, keyName: TEXT, hashesJson: JSON_TEXT },
  declareHashes,
  `SELECT s.[KeyHash], s.[SuppressedAt] FROM [Suppressions] AS s
INNER JOIN @hashes AS h ON s.[StoreId] = @storeId AND s.[KeyHash] = h.[KeyHash];
SELECT CASE WHEN EXISTS (SELECT 1 FROM [Suppressions] WHERE [StoreId] = @storeId AND [KeyName] <> @keyName)
  THEN 1 ELSE 0 END AS [Others],
  CASE WHEN EXISTS (SELECT 1 FROM [Suppressions] WHERE [StoreId] = @storeId) THEN 1 ELSE 0 END AS [Any];`,
);

export async function suppressed(
  connection: Connection,
  storeId: number,
  keyName: string | null,
  hashes: readonly string[],
): Promise<Suppressed> {
  const values = { storeId, keyName: keyName ?? '', hashesJson: JSON.stringify(hashes) };
  const [found, others] = await run(connection, SUPPRESSED, values);
  return {
    erasedAt: new Map(found!.map((row) => [text(row, 'KeyHash'), instant(row, 'SuppressedAt')])),
    any: flag(others![0]!, 'Any'),
    underOtherKeys: flag(others![0]!, 'Others'),
  };
}

const INHERITED = { Hash: 'nvarchar(100)', Origin: 'nvarchar(100)' };

/** Of two that inherit the same at once, one meets the key, and finds it at its next try. */
export const INHERIT_SUPPRESSIONS = batch(
  'inheritSuppressions',
  { storeId: BIGINT, inheritedJson: JSON_TEXT },
  `${declareTable('@inherited', { Hash: INHERITED.Hash }, { Origin: INHERITED.Origin })}
INSERT INTO @inherited ([Hash], [Origin])
SELECT [Hash], MIN([Origin]) FROM ${openJson('@inheritedJson', INHERITED)} AS j GROUP BY [Hash];
INSERT INTO [Suppressions] ([StoreId], [KeyHash], [KeyName], [RequestId], [SuppressedAt])
SELECT @storeId, i.[Hash], s.[KeyName], s.[RequestId], s.[SuppressedAt]
FROM @inherited AS i
INNER JOIN [Suppressions] AS s ON s.[StoreId] = @storeId AND s.[KeyHash] = i.[Origin]
WHERE NOT EXISTS (SELECT 1 FROM [Suppressions] AS o WHERE o.[StoreId] = @storeId AND o.[KeyHash] = i.[Hash]);`,
);

export async function inheritSuppressions(
  connection: Connection,
  storeId: number,
  inherited: readonly { readonly hash: string; readonly from: string }[],
): Promise<void> {
  const rows = inherited.map(({ hash, from }) => ({ Hash: hash, Origin: from }));
  await run(connection, INHERIT_SUPPRESSIONS, { storeId, inheritedJson: JSON.stringify(rows) });
}

const PERSONAL = ENTITY_NAMES.filter((name) => isPersonal(entityOf(name)));

/**
 * The leases first: the rows of `SyncStates` are what every commit locks before it writes, so whoever is committing is
 * waited for, and whoever has read and not committed finds its token gone. Before that, as before every fence, the marks,
 * under which stores are erased: of one that is gone nothing is written that nobody would ever delete.
 */
export const SUPPRESS = transaction(
  'suppress',
  {
    ...{ requestId: BIGINT, keyName: TEXT, subject: TEXT, hashesJson: JSON_TEXT },
    keysJson: JSON_TEXT,
  },
  theRequest,
  declareHashes,
  lockAllMarks,
  'IF NOT EXISTS (SELECT 1 FROM [Stores] WHERE [Id] = @storeId) SET @storeId = NULL;',
  takeLeasesAway(PERSONAL.map((name) => `N'${name}'`).join(', ')),
  `INSERT INTO [Suppressions] ([StoreId], [KeyHash], [KeyName], [RequestId], [SuppressedAt])
SELECT @storeId, h.[KeyHash], @keyName, @requestId, @now FROM @hashes AS h
WHERE @storeId IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM [Suppressions] AS s WHERE s.[StoreId] = @storeId AND s.[KeyHash] = h.[KeyHash]);`,
  addKeys,
  `UPDATE [PrivacyRequests] SET [Subject] = @subject,
  [State] = CASE WHEN @keysJson IS NULL THEN [State] ELSE N'erasing' END
WHERE [Id] = @requestId AND @storeId IS NOT NULL;`,
);

export async function suppress(connection: Connection, requestId: number, erasing: Erasing): Promise<void> {
  const { keyName, subject, hashes, erase } = erasing;
  await run(connection, SUPPRESS, {
    ...{ requestId, keyName, subject, hashesJson: JSON.stringify(hashes) },
    keysJson: erase === null ? null : keysJson(erase),
  });
}
