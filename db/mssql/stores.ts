import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import type { Rest, ShopFacts, Store, StoreSettings } from '../../src/store.ts';
import { BIGINT, batch, JSON_TEXT, rowsOf, run, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import {
  flag,
  instant,
  instantOrNull,
  number,
  numberOrNull,
  type Row,
  text,
  textOrNull,
} from './recordset.ts';
import { lockMarks, lockStores, refuse } from './statements.ts';
import { forgetProgress } from './sync-states.ts';

/**
 * Stores. Their life changes what all detectors of the store stand on, so it takes the locks of all its marks first:
 * no commit of the store is under way then, and none waits in the middle of one for what is held here. Then its leases,
 * then its own row, as whoever acquires a lease does.
 */

export const NO_SETTINGS: StoreSettings = {
  scopes: [],
  scopesReadAt: 0,
  fields: [],
  attention: null,
  denied: {},
  contentOwed: {},
  contentPaid: {},
  identity: null,
  subscribedAt: null,
  refusedTopics: [],
  otherVersion: null,
  answersVersion: null,
  owed: {},
  brakeHeld: [],
  brakeReleased: {},
};

/** Thrown by our own batches. */
const NO_SUCH_STORE = 50012;

export const STORE = `[Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings], [PausedAt], [UninstalledAt],
  [CreatedAt], [RefusedAt], [Looks], [Unheard], [FormerDomains]`;

export const storeOf = (row: Row): Store => ({
  id: number(row, 'Id'),
  domain: text(row, 'Domain'),
  name: text(row, 'Name'),
  shopId: textOrNull(row, 'ShopifyShopId'),
  active: flag(row, 'IsActive'),
  rest: flag(row, 'IsActive') ? null : restOf(row),
  refused: instantOrNull(row, 'RefusedAt') !== null,
  unheard: numberOrNull(row, 'Unheard') ?? 0,
  formerDomains: formerDomainsOf(row),
  secretName: text(row, 'SecretName'),
  settings: { ...NO_SETTINGS, ...JSON.parse(text(row, 'Settings')) },
});

function restOf(row: Row): Rest {
  const pausedAt = instantOrNull(row, 'PausedAt');
  const uninstalledAt = instantOrNull(row, 'UninstalledAt');
  const isUnreached = textOrNull(row, 'ShopifyShopId') === null && uninstalledAt === null;
  return {
    why: pausedAt !== null ? 'paused' : isUnreached ? 'unreached' : 'disconnected',
    since: pausedAt ?? uninstalledAt ?? instant(row, 'CreatedAt'),
    looks: numberOrNull(row, 'Looks') ?? 0,
  };
}

function formerDomainsOf(row: Row): readonly string[] {
  const names = JSON.parse(textOrNull(row, 'FormerDomains') ?? '[]') as readonly string[];
  return names.filter((name) => name !== text(row, 'Domain'));
}

export const ALL_STORES = batch('stores', {}, `SELECT ${STORE} FROM [Stores] ORDER BY [Id];`);

export const allStores = async (connection: Connection): Promise<readonly Store[]> =>
  (await rowsOf(connection, ALL_STORES, {})).map(storeOf);

export const lockAllMarks = lockMarks(ENTITY_NAMES.map((name) => `SELECT N'${name}'`).join(' UNION ALL '));

/**
 * What was compared before is worth nothing after an unknown time without webhooks. All marks stay: those that a census
 * of the earlier epoch was holding are taken over, or freed, by the census that follows (R15).
 */
export const REACTIVATE = `UPDATE [Stores] SET [IsActive] = 1, [InstalledAt] = @now, [UninstalledAt] = NULL, [UpdatedAt] = @now
WHERE [Id] = @storeId;
${forgetProgress}
UPDATE [SyncRuns] SET [State] = N'failed', [FinishedAt] = @now, [Message] = N'The store was activated anew.'
WHERE [StoreId] = @storeId AND [State] = N'running';`;

const withoutIfTold = (name: string): string =>
  `IF CHARINDEX(N'|${name}|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.${name}', NULL);`;

/**
 * After a statement that locked the row, so that of two changes at once the later builds on the earlier. What is told is
 * taken out of the old settings, and the rest is joined to the change as JSON text: JSON_MODIFY alone would leave out
 * what is null, and on Babelfish make texts of numbers.
 */
const joinSettings = [
  `${refuse('@@ROWCOUNT = 0', NO_SUCH_STORE, 'There is no such store.')}
DECLARE @settings nvarchar(max);
SELECT @settings = [Settings] FROM [Stores] WHERE [Id] = @storeId;`,
  ...Object.keys(NO_SETTINGS).map(withoutIfTold),
  `UPDATE [Stores] SET [Settings] = CASE
  WHEN @change = N'{}' THEN @settings
  WHEN @settings = N'{}' THEN @change
  ELSE CONCAT(LEFT(@change, LEN(@change) - 1), N',', SUBSTRING(@settings, 2, LEN(@settings))) END
WHERE [Id] = @storeId;`,
];

/** The parameters of that. */
const joining = (settings: Partial<StoreSettings>) => ({
  told: `|${Object.keys(settings).join('|')}|`,
  change: JSON.stringify(settings),
});

/**
 * The shop id is kept once it is known: every refresh compares it with the answer's (R10), and must go on to
 * find the difference when the credentials lead to another shop. Nor is it taken from another store, which no two
 * share (R17). What changes the domain is the activation.
 */
export const RECORD_SHOP = transaction(
  'recordShop',
  {
    storeId: BIGINT,
    shopId: TEXT,
    name: TEXT,
    currency: TEXT,
    ianaTimezone: TEXT,
    plan: TEXT,
    told: TEXT,
    change: JSON_TEXT,
  },
  lockStores,
  `IF EXISTS (SELECT 1 FROM [Stores] WHERE [ShopifyShopId] = @shopId) SET @shopId = NULL;
UPDATE [Stores] SET [ShopifyShopId] = COALESCE([ShopifyShopId], @shopId), [Name] = @name, [Currency] = @currency,
  [IanaTimezone] = @ianaTimezone, [Plan] = @plan, [UpdatedAt] = @now
WHERE [Id] = @storeId;`,
  ...joinSettings,
);

export async function recordShop(
  connection: Connection,
  storeId: number,
  facts: ShopFacts,
  settings: Partial<StoreSettings> = {},
): Promise<void> {
  const { shopId, name, currency, ianaTimezone, plan, scopes } = facts;
  const joined = joining({ ...settings, scopes });
  await run(connection, RECORD_SHOP, { storeId, shopId, name, currency, ianaTimezone, plan, ...joined });
}

export const UPDATE_SETTINGS = transaction(
  'updateSettings',
  { storeId: BIGINT, told: TEXT, change: JSON_TEXT },
  'UPDATE [Stores] SET [UpdatedAt] = @now WHERE [Id] = @storeId;',
  ...joinSettings,
);

export async function updateSettings(
  connection: Connection,
  storeId: number,
  settings: Partial<StoreSettings>,
): Promise<void> {
  await run(connection, UPDATE_SETTINGS, { storeId, ...joining(settings) });
}

/**
 * The two columns by which the Web API knows how far the store's mirror is: the end of a detector's batch, which
 * knows `@storeId`. The first statement locks the row: of two detectors that end at once, the later sees with the second
 * what the other has just committed.
 */
export const showProgress = `UPDATE [Stores] SET [LastSyncDate] = @now WHERE [Id] = @storeId;
UPDATE [Stores] SET [InitialSetupCompleted] = 1 WHERE [Id] = @storeId AND [InitialSetupCompleted] = 0
  AND NOT EXISTS (SELECT 1 FROM [SyncStates] AS p WHERE p.[StoreId] = @storeId AND p.[LastCensusAt] IS NULL);`;
