import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import type { ShopFacts, Store, StoreSettings } from '../../src/store.ts';
import { BIGINT, batch, JSON_TEXT, rowsOf, run, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { flag, number, type Row, text, textOrNull } from './recordset.ts';
import { lockMarks, refuse } from './statements.ts';
import { addSyncStates, forgetProgress, raiseEpoch } from './sync-states.ts';

/**
 * Stores. Their life changes what all detectors of the store stand on, so it takes the locks of all its marks first:
 * no commit of the store is under way then, and none waits in the middle of one for what is held here. Then its leases,
 * then its own row, as whoever acquires a lease does.
 */

const NO_SETTINGS: StoreSettings = {
  scopes: [],
  fields: [],
  attention: null,
  withheld: [],
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

const STORE = '[Id], [Domain], [Name], [ShopifyShopId], [IsActive], [SecretName], [Settings]';

const storeOf = (row: Row): Store => ({
  id: number(row, 'Id'),
  domain: text(row, 'Domain'),
  name: text(row, 'Name'),
  shopId: textOrNull(row, 'ShopifyShopId'),
  active: flag(row, 'IsActive'),
  secretName: text(row, 'SecretName'),
  settings: { ...NO_SETTINGS, ...JSON.parse(text(row, 'Settings')) },
});

export const ALL_STORES = batch('stores', {}, `SELECT ${STORE} FROM [Stores] ORDER BY [Id];`);

export const allStores = async (connection: Connection): Promise<readonly Store[]> =>
  (await rowsOf(connection, ALL_STORES, {})).map(storeOf);

export const lockAllMarks = lockMarks(ENTITY_NAMES.map((name) => `SELECT N'${name}'`).join(' UNION ALL '));

/**
 * What was compared before is worth nothing after an unknown time without webhooks. Marks stay (each costs one
 * read), but not those that a census of the earlier epoch was holding: nobody would ever release them.
 */
const REACTIVATE = `UPDATE [Stores] SET [IsActive] = 1, [InstalledAt] = @now, [UninstalledAt] = NULL, [UpdatedAt] = @now
WHERE [Id] = @storeId;
${forgetProgress}
DELETE FROM [StaleKeys] WHERE [StoreId] = @storeId AND [HeldByRun] IS NOT NULL;
UPDATE [SyncRuns] SET [State] = N'failed', [FinishedAt] = @now, [Message] = N'The store was activated anew.'
WHERE [StoreId] = @storeId AND [State] = N'running';`;

/** Of two that create the same store at once, one meets the unique index, and finds it at its next try. */
export const ACTIVATE_STORE = transaction(
  'activateStore',
  { domain: TEXT, secretName: TEXT, settings: JSON_TEXT },
  `DECLARE @storeId bigint, @active bit;
SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;`,
  lockAllMarks,
  // Whoever was waited for may have erased it.
  `SELECT @active = [IsActive] FROM [Stores] WHERE [Id] = @storeId;
IF @active IS NULL SET @storeId = NULL;
IF @storeId IS NULL
BEGIN
  INSERT INTO [Stores] ([Name], [Domain], [DataType], [SecretName], [IsActive], [Settings], [InitialSetupCompleted],
    [InstalledAt], [CreatedAt], [UpdatedAt])
  VALUES (@domain, @domain, N'shopify', @secretName, 1, @settings, 0, @now, @now, @now);
  SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
END
ELSE
  UPDATE [Stores] SET [SecretName] = @secretName WHERE [Id] = @storeId AND [SecretName] <> @secretName;`,
  addSyncStates,
  `IF @active IS NULL OR @active = 0
BEGIN
${raiseEpoch}
END;
IF @active = 0
BEGIN
${REACTIVATE}
END;`,
  `SELECT ${STORE} FROM [Stores] WHERE [Id] = @storeId;`,
);

export async function activateStore(
  connection: Connection,
  store: { readonly domain: string; readonly secretName: string },
): Promise<Store> {
  const settings = JSON.stringify(NO_SETTINGS);
  const [row] = await rowsOf(connection, ACTIVATE_STORE, { ...store, settings });
  return storeOf(row!);
}

export const DEACTIVATE_STORE = transaction(
  'deactivateStore',
  { storeId: BIGINT },
  lockAllMarks,
  raiseEpoch,
  'UPDATE [Stores] SET [IsActive] = 0, [UninstalledAt] = @now, [UpdatedAt] = @now WHERE [Id] = @storeId;',
);

export async function deactivateStore(connection: Connection, storeId: number): Promise<void> {
  await run(connection, DEACTIVATE_STORE, { storeId });
}

/**
 * The shop id is kept once it is known: every refresh compares it with the answer's (R10), and must go on to
 * find the difference when the credentials lead to another shop. Nor does the domain change: deliveries name
 * it.
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
    scopes: JSON_TEXT,
  },
  `UPDATE [Stores] SET [ShopifyShopId] = COALESCE([ShopifyShopId], @shopId), [Name] = @name, [Currency] = @currency,
  [IanaTimezone] = @ianaTimezone, [Plan] = @plan, [UpdatedAt] = @now,
  [Settings] = JSON_MODIFY([Settings], '$.scopes', JSON_QUERY(@scopes, '$'))
WHERE [Id] = @storeId;
${refuse('@@ROWCOUNT = 0', NO_SUCH_STORE, 'There is no such store.')}`,
);

export async function recordShop(connection: Connection, storeId: number, facts: ShopFacts): Promise<void> {
  const { shopId, name, currency, ianaTimezone, plan } = facts;
  const scopes = JSON.stringify(facts.scopes);
  await run(connection, RECORD_SHOP, { storeId, shopId, name, currency, ianaTimezone, plan, scopes });
}

const withoutIfTold = (name: string): string =>
  `IF CHARINDEX(N'|${name}|', @told) > 0 SET @settings = JSON_MODIFY(@settings, '$.${name}', NULL);`;

/**
 * The first statement locks the row, so that of two changes at once the later builds on the earlier. What is told is
 * taken out of the old settings, and the rest is joined to the change as JSON text: JSON_MODIFY alone would leave out
 * what is null, and on Babelfish make texts of numbers.
 */
export const UPDATE_SETTINGS = transaction(
  'updateSettings',
  { storeId: BIGINT, told: TEXT, change: JSON_TEXT },
  `UPDATE [Stores] SET [UpdatedAt] = @now WHERE [Id] = @storeId;
${refuse('@@ROWCOUNT = 0', NO_SUCH_STORE, 'There is no such store.')}
DECLARE @settings nvarchar(max);
SELECT @settings = [Settings] FROM [Stores] WHERE [Id] = @storeId;`,
  ...Object.keys(NO_SETTINGS).map(withoutIfTold),
  `UPDATE [Stores] SET [Settings] = CASE
  WHEN @change = N'{}' THEN @settings
  WHEN @settings = N'{}' THEN @change
  ELSE CONCAT(LEFT(@change, LEN(@change) - 1), N',', SUBSTRING(@settings, 2, LEN(@settings))) END
WHERE [Id] = @storeId;`,
);

export async function updateSettings(
  connection: Connection,
  storeId: number,
  settings: Partial<StoreSettings>,
): Promise<void> {
  const told = `|${Object.keys(settings).join('|')}|`;
  await run(connection, UPDATE_SETTINGS, { storeId, told, change: JSON.stringify(settings) });
}

/**
 * The two columns by which the Web API knows how far the store's mirror is: the end of a detector's batch, which
 * knows `@storeId`. The first statement locks the row: of two detectors that end at once, the later sees with the second
 * what the other has just committed.
 */
export const showProgress = `UPDATE [Stores] SET [LastSyncDate] = @now WHERE [Id] = @storeId;
UPDATE [Stores] SET [InitialSetupCompleted] = 1 WHERE [Id] = @storeId AND [InitialSetupCompleted] = 0
  AND NOT EXISTS (SELECT 1 FROM [SyncStates] AS p WHERE p.[StoreId] = @storeId AND p.[LastCensusAt] IS NULL);`;
