CREATE TABLE [PrivacyRequests] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[ShopId] nvarchar(50),
	[Topic] nvarchar(50) NOT NULL,
	[Digest] nvarchar(100) NOT NULL,
	[Subject] nvarchar(100),
	[Vouched] bit NOT NULL,
	[State] nvarchar(20) NOT NULL,
	[ReceivedAt] datetime2(3) NOT NULL,
	[DueAt] datetime2(3) NOT NULL,
	[TryAt] datetime2(3) NOT NULL,
	[Attempts] int NOT NULL,
	[CompletedAt] datetime2(3),
	[Message] nvarchar(max),
	[ExportName] nvarchar(200),
	[Certificate] nvarchar(max),
	CONSTRAINT [PrivacyRequests_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [PrivacyKeys] (
	[RequestId] bigint,
	[Entity] nvarchar(50),
	[ShopifyId] nvarchar(50),
	CONSTRAINT [PK_PrivacyKeys] PRIMARY KEY([RequestId],[Entity],[ShopifyId])
);
--> statement-breakpoint
CREATE TABLE [PrivacyCounts] (
	[RequestId] bigint,
	[TableName] nvarchar(100),
	[Times] int NOT NULL,
	CONSTRAINT [PK_PrivacyCounts] PRIMARY KEY([RequestId],[TableName])
);
--> statement-breakpoint
CREATE TABLE [Suppressions] (
	[StoreId] bigint,
	[KeyHash] nvarchar(100),
	[KeyName] nvarchar(50) NOT NULL,
	[RequestId] bigint NOT NULL,
	[SuppressedAt] datetime2(3) NOT NULL,
	CONSTRAINT [PK_Suppressions] PRIMARY KEY([StoreId],[KeyHash])
);
--> statement-breakpoint
CREATE UNIQUE INDEX [UX_PrivacyRequests_Digest] ON [PrivacyRequests] ([StoreId],[Topic],[Digest]);--> statement-breakpoint
CREATE INDEX [IX_PrivacyRequests_State] ON [PrivacyRequests] ([State],[TryAt]);--> statement-breakpoint
CREATE INDEX [IX_Suppressions_KeyName] ON [Suppressions] ([StoreId],[KeyName]);