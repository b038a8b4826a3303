CREATE TABLE [CertifiedRanges] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[RunId] bigint NOT NULL,
	[AfterId] nvarchar(50),
	[ThroughId] nvarchar(50) NOT NULL,
	[EqualKeys] int NOT NULL,
	[Digest] nvarchar(64) NOT NULL,
	[OtherKeys] nvarchar(max),
	[ComparedAt] datetime2(3) NOT NULL,
	CONSTRAINT [CertifiedRanges_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [UnprovenKeys] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[FoundByRun] bigint,
	[ShopifyId] nvarchar(50),
	[EndedAt] datetime2(3) NOT NULL,
	CONSTRAINT [PK_UnprovenKeys] PRIMARY KEY([StoreId],[Entity],[FoundByRun],[ShopifyId])
);
--> statement-breakpoint
ALTER TABLE [Stores] ADD [PausedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [RefusedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [LookedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [Looks] int;--> statement-breakpoint
ALTER TABLE [Stores] ADD [Unheard] int;--> statement-breakpoint
ALTER TABLE [Stores] ADD [FormerDomains] nvarchar(max);--> statement-breakpoint
ALTER TABLE [StaleKeys] ADD [ExcusesBefore] datetime2(3);--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Unproven] int;--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Planted] int;--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Detected] int;--> statement-breakpoint
ALTER TABLE [Customers] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
ALTER TABLE [Products] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
ALTER TABLE [Orders] ADD [Lacks] nvarchar(4000);--> statement-breakpoint
ALTER TABLE [ProductVariants] ADD [Barcodes] nvarchar(max);--> statement-breakpoint
ALTER TABLE [OrderItems] ADD [IsProductGone] bit;--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_RunId] ON [CertifiedRanges] ([RunId],[Id]);--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_StoreId] ON [CertifiedRanges] ([StoreId]);--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_ComparedAt] ON [CertifiedRanges] ([ComparedAt]);--> statement-breakpoint
CREATE INDEX [IX_Customers_Lacks] ON [Customers] ([StoreId],[IsActive]) WHERE [Lacks] is not null;--> statement-breakpoint
CREATE INDEX [IX_Products_Lacks] ON [Products] ([StoreId],[IsActive]) WHERE [Lacks] is not null;--> statement-breakpoint
CREATE INDEX [IX_Orders_Lacks] ON [Orders] ([StoreId],[IsActive]) WHERE [Lacks] is not null;--> statement-breakpoint
UPDATE [Stores] SET [RefusedAt] = [UninstalledAt] WHERE [IsActive] = 0;--> statement-breakpoint
UPDATE [Stores] SET [Settings] = JSON_MODIFY([Settings], '$.contentOwed', JSON_QUERY(N'{"customers":1,"products":1,"orders":1}'));
