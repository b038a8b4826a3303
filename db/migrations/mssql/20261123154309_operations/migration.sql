DROP INDEX [IX_ChangeEvents_State] ON [ChangeEvents];--> statement-breakpoint
ALTER TABLE [Stores] ADD [TokenLease] nvarchar(50);--> statement-breakpoint
ALTER TABLE [Stores] ADD [TokenLeaseUntil] datetime2(3);--> statement-breakpoint
ALTER TABLE [Deliveries] ADD [TraceParent] nvarchar(55);--> statement-breakpoint
ALTER TABLE [ChangeEvents] ADD [RowId] bigint;--> statement-breakpoint
ALTER TABLE [ChangeEvents] ADD [Columns] nvarchar(max);--> statement-breakpoint
CREATE INDEX [IX_ChangeEvents_Waiting] ON [ChangeEvents] ([StoreId],[State],[Id]);