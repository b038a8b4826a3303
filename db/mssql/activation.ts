import type { Activation, Store } from '../../src/store.ts';
import { JSON_TEXT, rowsOf, TEXT, transaction } from './batch.ts';
import type { Connection } from './connection.ts';
import { lockStores } from './statements.ts';
import { deleteStore } from './store-erasure.ts';
import { lockAllMarks, NO_SETTINGS, REACTIVATE, STORE, storeOf } from './stores.ts';
import { addSyncStates, raiseEpoch } from './sync-states.ts';

/**
 * A store is its shop id (R17). This is where rows of stores are made, renamed and woken, and the lock of all stores is
 * what keeps two of them from having one shop, however many processes connect it under whatever names at once.
 */

const INSERT = (
  isActive: 0 | 1,
  shopId: string,
) => `INSERT INTO [Stores] ([Name], [Domain], [ShopifyShopId], [DataType],
    [SecretName], [IsActive], [Settings], [InitialSetupCompleted], [InstalledAt], [CreatedAt], [UpdatedAt])
  VALUES (@domain, @domain, ${shopId}, N'shopify', @secretName, ${isActive}, @settings, 0, ${isActive === 1 ? '@now' : 'NULL'}, @now, @now);
  SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;`;

const ANSWER = `SELECT ${STORE} FROM [Stores] WHERE [Id] = @storeId;`;

/** Known by its name alone: a row that is not active, or the one that has, or had, the name. */
export const REGISTER_STORE = transaction(
  'registerStore',
  { domain: TEXT, secretName: TEXT, settings: JSON_TEXT },
  lockStores,
  `DECLARE @storeId bigint;
SELECT @storeId = [Id] FROM [Stores] WHERE [Domain] = @domain;
IF @storeId IS NULL
  SELECT @storeId = MIN([Id]) FROM [Stores] WHERE CHARINDEX(CONCAT(N'"', @domain, N'"'), [FormerDomains]) > 0;
IF @storeId IS NULL
BEGIN
  ${INSERT(0, 'NULL')}
END
ELSE
  UPDATE [Stores] SET [SecretName] = @secretName WHERE [Id] = @storeId;`,
  ANSWER,
);

/**
 * Which row it is: that of its shop, or else that of its name; none yet. Databases of earlier releases may hold a shop
 * twice: then the one of this name, or the one that is active. `@stays`: nothing may be changed, since the name is that
 * of another shop, or the shop has a rival's name.
 */
const FIND = `DECLARE @storeId bigint, @named bigint, @namedShop nvarchar(50), @former nvarchar(255), @unreached bigint, @stays bit = 0;
SELECT @named = [Id], @namedShop = [ShopifyShopId] FROM [Stores] WHERE [Domain] = @domain;
IF @namedShop <> @shopId
BEGIN
  SET @storeId = @named;
  SET @stays = 1;
END
ELSE
BEGIN
  SELECT TOP (1) @storeId = [Id], @former = [Domain] FROM [Stores] WHERE [ShopifyShopId] = @shopId
  ORDER BY CASE WHEN [Domain] = @domain THEN 0 ELSE 1 END, [IsActive] DESC, [Id];
  IF @former <> @domain AND EXISTS (SELECT 1 FROM OPENJSON(@rivals) WHERE [value] = @former) SET @stays = 1;
  IF @stays = 0 AND @named <> @storeId SET @unreached = @named;
  IF @storeId IS NULL SET @storeId = @named;
END;`;

/** What a row that was known by its name alone turns out to be. It holds nothing but what people have asked. */
const ABSORB = `IF @unreached IS NOT NULL
BEGIN
  UPDATE [PrivacyRequests] SET [StoreId] = @storeId WHERE [StoreId] = @unreached
    AND NOT EXISTS (SELECT 1 FROM [PrivacyRequests] AS k WHERE k.[StoreId] = @storeId
      AND k.[Topic] = [PrivacyRequests].[Topic] AND k.[Digest] = [PrivacyRequests].[Digest]);
  ${deleteStore('@unreached')}
END;`;

const RENAME = `UPDATE [Stores] SET [Domain] = @domain, [UpdatedAt] = @now, [FormerDomains] = CASE
    WHEN [FormerDomains] IS NULL OR [FormerDomains] = N'[]' THEN CONCAT(N'["', [Domain], N'"]')
    ELSE CONCAT(LEFT([FormerDomains], LEN([FormerDomains]) - 1), N',"', [Domain], N'"]') END
  WHERE [Id] = @storeId AND [Domain] <> @domain;`;

export const ACTIVATE_STORE = transaction(
  'activateStore',
  { domain: TEXT, secretName: TEXT, shopId: TEXT, rivals: JSON_TEXT, settings: JSON_TEXT },
  lockStores,
  FIND,
  lockAllMarks,
  // Whoever was waited for may have erased it.
  `DECLARE @active bit, @paused datetime2(3);
SELECT @active = [IsActive], @paused = [PausedAt] FROM [Stores] WHERE [Id] = @storeId;
IF @active IS NULL
BEGIN
  SET @storeId = @unreached;
  SET @unreached = NULL;
  SELECT @active = [IsActive], @paused = [PausedAt] FROM [Stores] WHERE [Id] = @storeId;
END;
IF @storeId IS NULL
BEGIN
  SET @stays = 0;
  ${INSERT(1, '@shopId')}
END
ELSE IF @stays = 0
BEGIN
  ${ABSORB}
  ${RENAME}
  UPDATE [Stores] SET [SecretName] = @secretName, [ShopifyShopId] = COALESCE([ShopifyShopId], @shopId)
  WHERE [Id] = @storeId AND ([SecretName] <> @secretName OR ([ShopifyShopId] IS NULL AND @shopId IS NOT NULL));
END;`,
  addSyncStates,
  `IF @stays = 0 AND (@active IS NULL OR (@active = 0 AND @paused IS NULL))
BEGIN
${raiseEpoch}
END;
IF @stays = 0 AND @active = 0 AND @paused IS NULL
BEGIN
${REACTIVATE}
UPDATE [Stores] SET [RefusedAt] = NULL, [LookedAt] = NULL, [Looks] = NULL, [Unheard] = NULL WHERE [Id] = @storeId;
END;`,
  ANSWER,
);

const settings = JSON.stringify(NO_SETTINGS);

export async function registerStore(
  connection: Connection,
  { domain, secretName }: Activation,
): Promise<Store> {
  const [row] = await rowsOf(connection, REGISTER_STORE, { domain, secretName, settings });
  return storeOf(row!);
}

export async function activateStore(
  connection: Connection,
  { domain, secretName, shopId, rivals = [] }: Activation,
): Promise<Store> {
  const names = JSON.stringify(rivals);
  const values = { domain, secretName, shopId: shopId ?? null, rivals: names, settings };
  const [row] = await rowsOf(connection, ACTIVATE_STORE, values);
  return storeOf(row!);
}
