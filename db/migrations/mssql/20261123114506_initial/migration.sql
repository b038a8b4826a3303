CREATE TABLE [Stores] (
	[Id] bigint IDENTITY(1, 1),
	[Name] nvarchar(255) NOT NULL,
	[Domain] nvarchar(255) NOT NULL,
	[ShopifyShopId] nvarchar(50),
	[DataType] nvarchar(50) NOT NULL,
	[TenantId] nvarchar(50),
	[Currency] nvarchar(10),
	[IanaTimezone] nvarchar(100),
	[Plan] nvarchar(100),
	[SecretName] nvarchar(255) NOT NULL,
	[IsActive] bit NOT NULL,
	[Settings] nvarchar(max) NOT NULL,
	[InitialSetupCompleted] bit NOT NULL,
	[LastSyncDate] datetime2(3),
	[InstalledAt] datetime2(3),
	[UninstalledAt] datetime2(3),
	[CreatedAt] datetime2(3) NOT NULL,
	[UpdatedAt] datetime2(3) NOT NULL,
	CONSTRAINT [Stores_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [StaleKeys] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[IdLength] int,
	[Id] nvarchar(50),
	[Sequence] nvarchar(50) NOT NULL,
	[Lane] int NOT NULL,
	[Reason] nvarchar(200) NOT NULL,
	[Announces] nvarchar(10) NOT NULL,
	[MarkedAt] datetime2(3) NOT NULL,
	[RaisedAt] datetime2(3) NOT NULL,
	[DueAt] datetime2(3),
	[Attempts] int NOT NULL,
	[ExpectedUpdatedAt] datetime2(3),
	[FirstNullAt] datetime2(3),
	[FirstLiveAt] datetime2(3),
	[DeleteAnnouncedAt] datetime2(3),
	[HintedAt] datetime2(3),
	[HeldByRun] bigint,
	[FoundByRun] bigint,
	[Repaired] bit NOT NULL,
	CONSTRAINT [PK_StaleKeys] PRIMARY KEY([StoreId],[Entity],[IdLength],[Id])
);
--> statement-breakpoint
CREATE TABLE [UnlinkedKeys] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[ShopifyId] nvarchar(50),
	[WrittenAt] datetime2(3) NOT NULL,
	CONSTRAINT [PK_UnlinkedKeys] PRIMARY KEY([StoreId],[Entity],[ShopifyId])
);
--> statement-breakpoint
CREATE TABLE [Deliveries] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[WebhookId] nvarchar(100) NOT NULL,
	[Topic] nvarchar(100) NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[ShopifyId] nvarchar(50) NOT NULL,
	[TriggeredAt] datetime2(3),
	[ReceivedAt] datetime2(3) NOT NULL,
	[RefreshedAt] datetime2(3),
	CONSTRAINT [Deliveries_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Rejects] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[ShopifyId] nvarchar(50),
	[Reason] nvarchar(max) NOT NULL,
	[Times] int NOT NULL,
	[FirstAt] datetime2(3) NOT NULL,
	[LastAt] datetime2(3) NOT NULL,
	CONSTRAINT [PK_Rejects] PRIMARY KEY([StoreId],[Entity],[ShopifyId])
);
--> statement-breakpoint
CREATE TABLE [SyncStates] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[Watermark] datetime2(3),
	[LastSweepAt] datetime2(3),
	[LastDeepSweepAt] datetime2(3),
	[LastCensusAt] datetime2(3),
	[CensusPosition] nvarchar(max),
	[LastContentAt] datetime2(3),
	[CoverageFrom] datetime2(3),
	[Epoch] int NOT NULL,
	[RefreshLeaseToken] nvarchar(50),
	[RefreshLeaseUntil] datetime2(3),
	[SweepLeaseToken] nvarchar(50),
	[SweepLeaseUntil] datetime2(3),
	[CensusLeaseToken] nvarchar(50),
	[CensusLeaseUntil] datetime2(3),
	CONSTRAINT [PK_SyncStates] PRIMARY KEY([StoreId],[Entity])
);
--> statement-breakpoint
CREATE TABLE [SyncRuns] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[Kind] nvarchar(20) NOT NULL,
	[State] nvarchar(20) NOT NULL,
	[StartedAt] datetime2(3) NOT NULL,
	[MovedAt] datetime2(3) NOT NULL,
	[FinishedAt] datetime2(3),
	[Seen] int NOT NULL,
	[Unchanged] int NOT NULL,
	[Written] int NOT NULL,
	[Deleted] int NOT NULL,
	[Failed] int NOT NULL,
	[Deferred] int NOT NULL,
	[Unknowable] int NOT NULL,
	[Points] int NOT NULL,
	[Repaired] int NOT NULL,
	[Message] nvarchar(max),
	CONSTRAINT [SyncRuns_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Burials] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[BuriedAt] datetime2(3),
	[Times] int NOT NULL,
	CONSTRAINT [PK_Burials] PRIMARY KEY([StoreId],[Entity],[BuriedAt])
);
--> statement-breakpoint
CREATE TABLE [Gaps] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[ShopifyId] nvarchar(50) NOT NULL,
	[RunId] bigint,
	[FoundBy] nvarchar(20) NOT NULL,
	[Reason] nvarchar(20) NOT NULL,
	[ChangedAt] datetime2(3),
	[SeenAt] datetime2(3) NOT NULL,
	[FoundAt] datetime2(3) NOT NULL,
	[HealedAt] datetime2(3),
	[Cause] nvarchar(50),
	CONSTRAINT [Gaps_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Certificates] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[RunId] bigint NOT NULL,
	[Depth] nvarchar(20) NOT NULL,
	[FromAt] datetime2(3) NOT NULL,
	[ToAt] datetime2(3) NOT NULL,
	[Counted] int,
	[Listed] int NOT NULL,
	[MirrorBefore] int NOT NULL,
	[MirrorAfter] int,
	[Missing] int NOT NULL,
	[Newer] int NOT NULL,
	[Vanished] int NOT NULL,
	[Other] int NOT NULL,
	[Repaired] int,
	[Unversioned] int,
	[Rejected] int,
	[Unknowable] int NOT NULL,
	[UnknowableBefore] datetime2(3),
	[Withheld] nvarchar(max) NOT NULL,
	[ByIndex] nvarchar(max) NOT NULL,
	[Buried] int,
	[ReadSince] datetime2(3),
	[Points] int NOT NULL,
	[Verdict] nvarchar(20) NOT NULL,
	[Remarks] nvarchar(max) NOT NULL,
	[IssuedAt] datetime2(3) NOT NULL,
	[CompletedAt] datetime2(3),
	CONSTRAINT [Certificates_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [ChangeEvents] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[Entity] nvarchar(50) NOT NULL,
	[ShopifyId] nvarchar(50) NOT NULL,
	[Type] nvarchar(20) NOT NULL,
	[UpdatedAt] datetime2(3) NOT NULL,
	[CreatedAt] datetime2(3) NOT NULL,
	[State] nvarchar(20) NOT NULL,
	[Attempts] int NOT NULL,
	[DueAt] datetime2(3) NOT NULL,
	[SentAt] datetime2(3),
	CONSTRAINT [ChangeEvents_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [PrivacyRequests] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[WebhookId] nvarchar(100) NOT NULL,
	[Topic] nvarchar(100) NOT NULL,
	[Keys] nvarchar(max) NOT NULL,
	[State] nvarchar(20) NOT NULL,
	[ReceivedAt] datetime2(3) NOT NULL,
	[DueAt] datetime2(3) NOT NULL,
	[CompletedAt] datetime2(3),
	[Message] nvarchar(max),
	CONSTRAINT [PrivacyRequests_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Suppressions] (
	[StoreId] bigint,
	[Entity] nvarchar(50),
	[KeyHash] nvarchar(100),
	[RequestId] bigint NOT NULL,
	[SuppressedAt] datetime2(3) NOT NULL,
	CONSTRAINT [PK_Suppressions] PRIMARY KEY([StoreId],[Entity],[KeyHash])
);
--> statement-breakpoint
CREATE TABLE [Customers] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[ShopifyCustomerId] nvarchar(50) NOT NULL,
	[FirstName] nvarchar(255),
	[LastName] nvarchar(255),
	[Email] nvarchar(320),
	[Phone] nvarchar(50),
	[Company] nvarchar(255),
	[City] nvarchar(255),
	[ProvinceCode] nvarchar(50),
	[CountryCode] nvarchar(50),
	[AddressPhone] nvarchar(50),
	[AcceptsEmailMarketing] bit,
	[AcceptsSMSMarketing] bit,
	[TotalSpent] decimal(19,4),
	[TotalSpentCurrency] nvarchar(10),
	[TotalOrders] int,
	[TaxExempt] bit,
	[Tags] nvarchar(max),
	[State] nvarchar(50),
	[VerifiedEmail] bit,
	[Locale] nvarchar(50),
	[Note] nvarchar(max),
	[LastOrderDate] datetime2(3),
	[LastShopifyOrderId] nvarchar(50),
	[IsActive] bit NOT NULL,
	[DeletedAt] datetime2(3),
	[CreatedAt] datetime2(3) NOT NULL,
	[UpdatedAt] datetime2(3) NOT NULL,
	[ShopifyCreatedAt] datetime2(3) NOT NULL,
	[ShopifyUpdatedAt] datetime2(3) NOT NULL,
	[SyncedAt] datetime2(3) NOT NULL,
	[ReadAt] datetime2(3) NOT NULL,
	[ContentHash] nvarchar(100),
	[IdLength]  AS (len([ShopifyCustomerId])) PERSISTED,
	CONSTRAINT [Customers_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Products] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[ShopifyProductId] nvarchar(50) NOT NULL,
	[Title] nvarchar(255),
	[Handle] nvarchar(255),
	[Description] nvarchar(max),
	[Category] nvarchar(500),
	[Vendor] nvarchar(255),
	[ProductType] nvarchar(255),
	[Status] nvarchar(50),
	[Tags] nvarchar(max),
	[InventoryQuantity] int,
	[PublishedAt] datetime2(3),
	[IsGiftCard] bit,
	[IsActive] bit NOT NULL,
	[DeletedAt] datetime2(3),
	[CreatedAt] datetime2(3) NOT NULL,
	[UpdatedAt] datetime2(3) NOT NULL,
	[ShopifyCreatedAt] datetime2(3) NOT NULL,
	[ShopifyUpdatedAt] datetime2(3) NOT NULL,
	[SyncedAt] datetime2(3) NOT NULL,
	[ReadAt] datetime2(3) NOT NULL,
	[ContentHash] nvarchar(100),
	[IdLength]  AS (len([ShopifyProductId])) PERSISTED,
	CONSTRAINT [Products_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Orders] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[ShopifyOrderId] nvarchar(50) NOT NULL,
	[OrderNumber] nvarchar(255),
	[ShopifyCustomerId] nvarchar(50),
	[CustomerId] bigint,
	[Email] nvarchar(320),
	[TotalPrice] decimal(19,4),
	[TotalPricePresentment] decimal(19,4),
	[SubtotalPrice] decimal(19,4),
	[SubtotalPricePresentment] decimal(19,4),
	[TotalTax] decimal(19,4),
	[TotalTaxPresentment] decimal(19,4),
	[TaxPrice] decimal(19,4),
	[TaxPricePresentment] decimal(19,4),
	[TotalDiscounts] decimal(19,4),
	[TotalDiscountsPresentment] decimal(19,4),
	[TotalShipping] decimal(19,4),
	[TotalShippingPresentment] decimal(19,4),
	[TotalRefunded] decimal(19,4),
	[TotalRefundedPresentment] decimal(19,4),
	[NetPayment] decimal(19,4),
	[NetPaymentPresentment] decimal(19,4),
	[CurrentTotalPrice] decimal(19,4),
	[CurrentTotalPricePresentment] decimal(19,4),
	[Currency] nvarchar(10),
	[PresentmentCurrency] nvarchar(10),
	[Status] nvarchar(50),
	[FinancialStatus] nvarchar(50),
	[FulfillmentStatus] nvarchar(50),
	[CancelledAt] datetime2(3),
	[CancelReason] nvarchar(50),
	[SourceName] nvarchar(255),
	[Tags] nvarchar(max),
	[DiscountCodes] nvarchar(max),
	[IsTest] bit,
	[ShopifyProcessedAt] datetime2(3),
	[IsActive] bit NOT NULL,
	[DeletedAt] datetime2(3),
	[CreatedAt] datetime2(3) NOT NULL,
	[UpdatedAt] datetime2(3) NOT NULL,
	[ShopifyCreatedAt] datetime2(3) NOT NULL,
	[ShopifyUpdatedAt] datetime2(3) NOT NULL,
	[SyncedAt] datetime2(3) NOT NULL,
	[ReadAt] datetime2(3) NOT NULL,
	[ContentHash] nvarchar(100),
	[IdLength]  AS (len([ShopifyOrderId])) PERSISTED,
	CONSTRAINT [Orders_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [ProductVariants] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[ProductId] bigint NOT NULL,
	[ShopifyVariantId] nvarchar(50) NOT NULL,
	[ShopifyInventoryItemId] nvarchar(50),
	[Title] nvarchar(255),
	[Sku] nvarchar(255),
	[Barcode] nvarchar(255),
	[Position] int,
	[Price] decimal(19,4),
	[CompareAtPrice] decimal(19,4),
	[UnitCost] decimal(19,4),
	[InventoryQuantity] int,
	[Option1Name] nvarchar(255),
	[Option1Value] nvarchar(255),
	[Option2Name] nvarchar(255),
	[Option2Value] nvarchar(255),
	[Option3Name] nvarchar(255),
	[Option3Value] nvarchar(255),
	[Weight] decimal(19,4),
	[WeightUnit] nvarchar(50),
	[RequiresShipping] bit,
	[Taxable] bit,
	[CreatedAt] datetime2(3),
	[UpdatedAt] datetime2(3),
	CONSTRAINT [ProductVariants_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [OrderItems] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[OrderId] bigint NOT NULL,
	[ShopifyLineItemId] nvarchar(50) NOT NULL,
	[ShopifyProductId] nvarchar(50),
	[ShopifyVariantId] nvarchar(50),
	[ProductId] bigint,
	[ProductTitle] nvarchar(500),
	[Title] nvarchar(500),
	[VariantTitle] nvarchar(500),
	[ProductHandle] nvarchar(255),
	[ProductVendor] nvarchar(255),
	[ProductType] nvarchar(255),
	[Sku] nvarchar(255),
	[Price] decimal(19,4),
	[CompareAtPrice] decimal(19,4),
	[Quantity] int,
	[CurrentQuantity] int,
	[TotalPrice] decimal(19,4),
	[TotalDiscount] decimal(19,4),
	[Option1Name] nvarchar(255),
	[Option1Value] nvarchar(255),
	[Option2Name] nvarchar(255),
	[Option2Value] nvarchar(255),
	[Option3Name] nvarchar(255),
	[Option3Value] nvarchar(255),
	[RequiresShipping] bit,
	[Taxable] bit,
	[IsGiftCard] bit,
	CONSTRAINT [OrderItems_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [Refunds] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[OrderId] bigint NOT NULL,
	[ShopifyRefundId] nvarchar(50) NOT NULL,
	[Note] nvarchar(max),
	[TotalRefunded] decimal(19,4),
	[TotalRefundedPresentment] decimal(19,4),
	[CreatedAt] datetime2(3),
	[ProcessedAt] datetime2(3),
	[UpdatedAt] datetime2(3),
	CONSTRAINT [Refunds_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
CREATE TABLE [RefundItems] (
	[Id] bigint IDENTITY(1, 1),
	[StoreId] bigint NOT NULL,
	[RefundId] bigint NOT NULL,
	[ShopifyRefundLineItemId] nvarchar(50) NOT NULL,
	[ShopifyLineItemId] nvarchar(50),
	[Quantity] int,
	[RestockType] nvarchar(50),
	[Subtotal] decimal(19,4),
	[SubtotalPresentment] decimal(19,4),
	[TotalTax] decimal(19,4),
	[TotalTaxPresentment] decimal(19,4),
	CONSTRAINT [RefundItems_pkey] PRIMARY KEY([Id])
);
--> statement-breakpoint
ALTER TABLE [Customers] ADD CONSTRAINT [FK_Customers_StoreId] FOREIGN KEY ([StoreId]) REFERENCES [Stores]([Id]);--> statement-breakpoint
ALTER TABLE [Products] ADD CONSTRAINT [FK_Products_StoreId] FOREIGN KEY ([StoreId]) REFERENCES [Stores]([Id]);--> statement-breakpoint
ALTER TABLE [Orders] ADD CONSTRAINT [FK_Orders_CustomerId] FOREIGN KEY ([CustomerId]) REFERENCES [Customers]([Id]);--> statement-breakpoint
ALTER TABLE [Orders] ADD CONSTRAINT [FK_Orders_StoreId] FOREIGN KEY ([StoreId]) REFERENCES [Stores]([Id]);--> statement-breakpoint
ALTER TABLE [ProductVariants] ADD CONSTRAINT [FK_ProductVariants_ProductId] FOREIGN KEY ([ProductId]) REFERENCES [Products]([Id]) ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE [OrderItems] ADD CONSTRAINT [FK_OrderItems_ProductId] FOREIGN KEY ([ProductId]) REFERENCES [Products]([Id]);--> statement-breakpoint
ALTER TABLE [OrderItems] ADD CONSTRAINT [FK_OrderItems_OrderId] FOREIGN KEY ([OrderId]) REFERENCES [Orders]([Id]) ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE [Refunds] ADD CONSTRAINT [FK_Refunds_OrderId] FOREIGN KEY ([OrderId]) REFERENCES [Orders]([Id]) ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE [RefundItems] ADD CONSTRAINT [FK_RefundItems_RefundId] FOREIGN KEY ([RefundId]) REFERENCES [Refunds]([Id]) ON DELETE CASCADE;--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Stores_Domain] ON [Stores] ([Domain]);--> statement-breakpoint
CREATE INDEX [IX_StaleKeys_Lane] ON [StaleKeys] ([StoreId],[Entity],[Lane],[DueAt]);--> statement-breakpoint
CREATE INDEX [IX_StaleKeys_DueAt] ON [StaleKeys] ([StoreId],[Entity],[DueAt]);--> statement-breakpoint
CREATE INDEX [IX_StaleKeys_HeldByRun] ON [StaleKeys] ([HeldByRun]) WHERE [HeldByRun] is not null;--> statement-breakpoint
CREATE INDEX [IX_StaleKeys_FoundByRun] ON [StaleKeys] ([StoreId],[Entity],[FoundByRun]) WHERE [FoundByRun] is not null;--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Deliveries_WebhookId] ON [Deliveries] ([StoreId],[WebhookId],[Entity],[ShopifyId]);--> statement-breakpoint
CREATE INDEX [IX_Deliveries_Key] ON [Deliveries] ([StoreId],[Entity],[ShopifyId],[TriggeredAt]);--> statement-breakpoint
CREATE INDEX [IX_Deliveries_RefreshedAt] ON [Deliveries] ([StoreId],[RefreshedAt]);--> statement-breakpoint
CREATE INDEX [IX_Deliveries_ReceivedAt] ON [Deliveries] ([ReceivedAt]);--> statement-breakpoint
CREATE INDEX [IX_SyncRuns_StartedAt] ON [SyncRuns] ([StoreId],[Entity],[Kind],[StartedAt]);--> statement-breakpoint
CREATE INDEX [IX_SyncRuns_State] ON [SyncRuns] ([State],[MovedAt]);--> statement-breakpoint
CREATE INDEX [IX_Gaps_Key] ON [Gaps] ([StoreId],[Entity],[ShopifyId]);--> statement-breakpoint
CREATE INDEX [IX_Gaps_FoundAt] ON [Gaps] ([FoundAt]);--> statement-breakpoint
CREATE INDEX [IX_Gaps_RunId] ON [Gaps] ([RunId]);--> statement-breakpoint
CREATE INDEX [IX_Gaps_Unjudged] ON [Gaps] ([StoreId],[Entity],[Id]) WHERE [Cause] is null;--> statement-breakpoint
CREATE INDEX [IX_Certificates_IssuedAt] ON [Certificates] ([StoreId],[Entity],[IssuedAt]);--> statement-breakpoint
CREATE INDEX [IX_Certificates_Open] ON [Certificates] ([StoreId],[Entity],[RunId]) WHERE [CompletedAt] is null;--> statement-breakpoint
CREATE INDEX [IX_ChangeEvents_State] ON [ChangeEvents] ([State],[Id]);--> statement-breakpoint
CREATE INDEX [IX_ChangeEvents_Key] ON [ChangeEvents] ([StoreId],[Entity],[ShopifyId]);--> statement-breakpoint
CREATE INDEX [IX_ChangeEvents_CreatedAt] ON [ChangeEvents] ([CreatedAt]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_PrivacyRequests_WebhookId] ON [PrivacyRequests] ([StoreId],[WebhookId]);--> statement-breakpoint
CREATE INDEX [IX_PrivacyRequests_State] ON [PrivacyRequests] ([State],[DueAt]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Customers_ShopifyCustomerId] ON [Customers] ([StoreId],[ShopifyCustomerId]);--> statement-breakpoint
CREATE INDEX [IX_Customers_Email] ON [Customers] ([StoreId],[Email]);--> statement-breakpoint
CREATE INDEX [IX_Customers_IdLength] ON [Customers] ([StoreId],[IdLength],[ShopifyCustomerId]);--> statement-breakpoint
CREATE INDEX [IX_Customers_UpdatedAt] ON [Customers] ([StoreId],[IsActive],[UpdatedAt]);--> statement-breakpoint
CREATE INDEX [IX_Customers_ReadAt] ON [Customers] ([StoreId],[IsActive],[ReadAt]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Products_ShopifyProductId] ON [Products] ([StoreId],[ShopifyProductId]);--> statement-breakpoint
CREATE INDEX [IX_Products_IdLength] ON [Products] ([StoreId],[IdLength],[ShopifyProductId]);--> statement-breakpoint
CREATE INDEX [IX_Products_UpdatedAt] ON [Products] ([StoreId],[IsActive],[UpdatedAt]);--> statement-breakpoint
CREATE INDEX [IX_Products_ReadAt] ON [Products] ([StoreId],[IsActive],[ReadAt]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Orders_ShopifyOrderId] ON [Orders] ([StoreId],[ShopifyOrderId]);--> statement-breakpoint
CREATE INDEX [IX_Orders_ShopifyCustomerId] ON [Orders] ([StoreId],[ShopifyCustomerId]);--> statement-breakpoint
CREATE INDEX [IX_Orders_Email] ON [Orders] ([StoreId],[Email]);--> statement-breakpoint
CREATE INDEX [IX_Orders_ShopifyProcessedAt] ON [Orders] ([StoreId],[ShopifyProcessedAt]);--> statement-breakpoint
CREATE INDEX [IX_Orders_IdLength] ON [Orders] ([StoreId],[IdLength],[ShopifyOrderId]);--> statement-breakpoint
CREATE INDEX [IX_Orders_UpdatedAt] ON [Orders] ([StoreId],[IsActive],[UpdatedAt]);--> statement-breakpoint
CREATE INDEX [IX_Orders_ReadAt] ON [Orders] ([StoreId],[IsActive],[ReadAt]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_ProductVariants_ShopifyVariantId] ON [ProductVariants] ([StoreId],[ShopifyVariantId]);--> statement-breakpoint
CREATE INDEX [IX_ProductVariants_ShopifyInventoryItemId] ON [ProductVariants] ([StoreId],[ShopifyInventoryItemId]);--> statement-breakpoint
CREATE INDEX [IX_ProductVariants_ProductId] ON [ProductVariants] ([ProductId]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_OrderItems_ShopifyLineItemId] ON [OrderItems] ([StoreId],[ShopifyLineItemId]);--> statement-breakpoint
CREATE INDEX [IX_OrderItems_ShopifyProductId] ON [OrderItems] ([StoreId],[ShopifyProductId]);--> statement-breakpoint
CREATE INDEX [IX_OrderItems_ShopifyVariantId] ON [OrderItems] ([StoreId],[ShopifyVariantId]);--> statement-breakpoint
CREATE INDEX [IX_OrderItems_OrderId] ON [OrderItems] ([OrderId]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_Refunds_ShopifyRefundId] ON [Refunds] ([StoreId],[ShopifyRefundId]);--> statement-breakpoint
CREATE INDEX [IX_Refunds_OrderId] ON [Refunds] ([OrderId]);--> statement-breakpoint
CREATE UNIQUE INDEX [UX_RefundItems_ShopifyRefundLineItemId] ON [RefundItems] ([StoreId],[ShopifyRefundLineItemId]);--> statement-breakpoint
CREATE INDEX [IX_RefundItems_RefundId] ON [RefundItems] ([RefundId]);