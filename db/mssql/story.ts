import { and, eq, gte } from 'drizzle-orm';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import type { GapCause, GapReason } from '../../src/gap.ts';
import { LANES } from '../../src/mark.ts';
import type { KeyStory } from '../../src/story.ts';
import { schema } from '../schema.mssql.ts';
import { BIGINT, batch, run, TEXT } from './batch.ts';
import { certificatesWhere } from './certificates.ts';
import type { Connection } from './connection.ts';
import { instant, instantOrNull, number, numberOrNull, type Row, text, textOrNull } from './recordset.ts';
import { stateColumns, stateOf } from './rows.ts';
import { mirrored } from './statements.ts';

/** What the tables know of one key: everything in one round trip, and the certificates of its entity in another. */

const CERTIFICATES = 10;

const THE_KEY = '[StoreId] = @storeId AND [Entity] = @entity AND [ShopifyId] = @id';

const keyStoryOf = (entity: EntityName) => {
  const { table, key } = mirrored(entity);
  return batch(
    'keyStory',
    { storeId: BIGINT, entity: TEXT, id: TEXT },
    `SELECT ${stateColumns}, t.[SyncedAt] FROM ${table} AS t WHERE t.[StoreId] = @storeId AND t.${key} = @id;`,
    `SELECT [Lane], [Reason], [Announces], [MarkedAt], [RaisedAt], [Attempts], [DueAt] FROM [StaleKeys]
WHERE [StoreId] = @storeId AND [Entity] = @entity AND [IdLength] = LEN(@id) AND [Id] = @id;`,
    `SELECT [Topic], [TriggeredAt], [ReceivedAt], [RefreshedAt] FROM [Deliveries] WHERE ${THE_KEY} ORDER BY [Id];`,
    `SELECT [Type], [CreatedAt], [UpdatedAt] FROM [ChangeEvents] WHERE ${THE_KEY} ORDER BY [Id];`,
    `SELECT [RunId], [FoundBy], [Reason], [ChangedAt], [SeenAt], [FoundAt], [HealedAt], [Cause]
FROM [Gaps] WHERE ${THE_KEY} ORDER BY [Id];`,
    `SELECT [Reason], [Times], [FirstAt], [LastAt] FROM [Rejects] WHERE ${THE_KEY};`,
  );
};

export const KEY_STORY = Object.fromEntries(ENTITY_NAMES.map((name) => [name, keyStoryOf(name)]));

export async function keyStory(
  connection: Connection,
  storeId: number,
  entity: EntityName,
  id: string,
): Promise<KeyStory> {
  const found = await run(connection, KEY_STORY[entity]!, { storeId, entity, id });
  const [rows = [], marks = [], deliveries = [], changes = [], gaps = [], rejects = []] = found;
  const [[row], [mark], [reject]] = [rows, marks, rejects];
  const mirrorRow = row ? { ...stateOf(row), syncedAt: instant(row, 'SyncedAt') } : null;
  return {
    row: mirrorRow,
    mark: mark ? markOf(mark) : null,
    deliveries: deliveries.map(deliveryOf),
    changes: changes.map(changeOf),
    gaps: gaps.map(gapOf),
    reject: reject ? rejectOf(reject) : null,
    certificates:
      mirrorRow === null ? [] : await certificatesOf(connection, storeId, entity, mirrorRow.createdAt),
  };
}

const markOf = (row: Row): NonNullable<KeyStory['mark']> => ({
  lane: LANES[number(row, 'Lane')]!,
  reason: text(row, 'Reason'),
  announces: text(row, 'Announces') as 'presence' | 'absence',
  markedAt: instant(row, 'MarkedAt'),
  raisedAt: instant(row, 'RaisedAt'),
  attempts: number(row, 'Attempts'),
  dueAt: instantOrNull(row, 'DueAt'),
});

const deliveryOf = (row: Row): KeyStory['deliveries'][number] => ({
  topic: text(row, 'Topic'),
  triggeredAt: instantOrNull(row, 'TriggeredAt'),
  receivedAt: instant(row, 'ReceivedAt'),
  refreshedAt: instantOrNull(row, 'RefreshedAt'),
});

const changeOf = (row: Row): KeyStory['changes'][number] => ({
  type: text(row, 'Type') as KeyStory['changes'][number]['type'],
  at: instant(row, 'CreatedAt'),
  version: instant(row, 'UpdatedAt'),
});

const gapOf = (row: Row): KeyStory['gaps'][number] => ({
  runId: numberOrNull(row, 'RunId'),
  foundBy: text(row, 'FoundBy') as 'sweep' | 'census',
  reason: text(row, 'Reason') as GapReason,
  changedAt: instantOrNull(row, 'ChangedAt'),
  seenAt: instant(row, 'SeenAt'),
  foundAt: instant(row, 'FoundAt'),
  healedAt: instantOrNull(row, 'HealedAt'),
  cause: textOrNull(row, 'Cause') as GapCause | null,
});

const rejectOf = (row: Row): NonNullable<KeyStory['reject']> => ({
  reason: text(row, 'Reason'),
  times: number(row, 'Times'),
  firstAt: instant(row, 'FirstAt'),
  lastAt: instant(row, 'LastAt'),
});

/** Shopify's times both: a census that ended before the object was created says nothing of it. */
const certificatesOf = (
  connection: Connection,
  storeId: number,
  entity: EntityName,
  createdAt: number,
): Promise<KeyStory['certificates']> => {
  const { Certificates } = schema;
  const about = and(
    eq(Certificates.StoreId, storeId),
    eq(Certificates.Entity, entity),
    gte(Certificates.ToAt, createdAt),
  );
  return certificatesWhere(connection, about, CERTIFICATES);
};
