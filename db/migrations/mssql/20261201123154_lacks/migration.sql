ALTER TABLE [Customers] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
ALTER TABLE [Products] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
ALTER TABLE [Orders] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
CREATE INDEX [IX_Customers_Lacks] ON [Customers] ([StoreId],[IsActive]) WHERE [Lacks] is not null;--> statement-breakpoint
CREATE INDEX [IX_Products_Lacks] ON [Products] ([StoreId],[IsActive]) WHERE [Lacks] is not null;--> statement-breakpoint
CREATE INDEX [IX_Orders_Lacks] ON [Orders] ([StoreId],[IsActive]) WHERE [Lacks] is not null;