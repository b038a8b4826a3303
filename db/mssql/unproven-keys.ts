/**
 * Keys that a census found and whose marks ended without proof, as `@settled` says, in a batch that knows `@storeId` and
 * `@entity`. Every certificate that was open or being made then counts them (certificates.ts).
 */
const theKey = `u.[StoreId] = @storeId AND u.[Entity] = @entity AND u.[FoundByRun] = s.[UnprovenOf] AND u.[ShopifyId] = s.[Id]`;

export const noteUnproven = `UPDATE u SET [EndedAt] = @now FROM [UnprovenKeys] AS u INNER JOIN @settled AS s ON ${theKey};
INSERT INTO [UnprovenKeys] ([StoreId], [Entity], [FoundByRun], [ShopifyId], [EndedAt])
SELECT @storeId, @entity, s.[UnprovenOf], s.[Id], @now FROM @settled AS s
WHERE s.[UnprovenOf] IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [UnprovenKeys] AS u WHERE ${theKey});`;
