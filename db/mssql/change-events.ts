/** The outbox, written in the transaction of the change that it announces. */

/** Announces `@changes`. */
export const announceChanges = `INSERT INTO [ChangeEvents] (
  [StoreId], [Entity], [ShopifyId], [Type], [UpdatedAt], [CreatedAt], [State], [Attempts], [DueAt]
)
SELECT @storeId, @entity, [Id], [Type], [At], @now, N'waiting', 0, @now
FROM @changes;`;
