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
ALTER TABLE [StaleKeys] ADD [SettlingVersion] datetime2(3);--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Unproven] int;--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Planted] int;--> statement-breakpoint
ALTER TABLE [Certificates] ADD [Detected] int;--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_RunId] ON [CertifiedRanges] ([RunId],[Id]);--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_StoreId] ON [CertifiedRanges] ([StoreId]);--> statement-breakpoint
CREATE INDEX [IX_CertifiedRanges_ComparedAt] ON [CertifiedRanges] ([ComparedAt]);