CREATE TABLE `Stores` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`Name` text NOT NULL,
	`Domain` text NOT NULL,
	`ShopifyShopId` text,
	`DataType` text NOT NULL,
	`TenantId` text,
	`Currency` text,
	`IanaTimezone` text,
	`Plan` text,
	`SecretName` text NOT NULL,
	`IsActive` integer NOT NULL,
	`Settings` text NOT NULL,
	`InitialSetupCompleted` integer NOT NULL,
	`LastSyncDate` integer,
	`InstalledAt` integer,
	`UninstalledAt` integer,
	`CreatedAt` integer NOT NULL,
	`UpdatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `StaleKeys` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`IdLength` integer NOT NULL,
	`Id` text NOT NULL,
	`Sequence` text NOT NULL,
	`Lane` integer NOT NULL,
	`Reason` text NOT NULL,
	`Announces` text NOT NULL,
	`MarkedAt` integer NOT NULL,
	`RaisedAt` integer NOT NULL,
	`DueAt` integer,
	`Attempts` integer NOT NULL,
	`ExpectedUpdatedAt` integer,
	`FirstNullAt` integer,
	`FirstLiveAt` integer,
	`DeleteAnnouncedAt` integer,
	`HintedAt` integer,
	`HeldByRun` integer,
	`FoundByRun` integer,
	`Repaired` integer NOT NULL,
	CONSTRAINT `PK_StaleKeys` PRIMARY KEY(`StoreId`, `Entity`, `IdLength`, `Id`)
);
--> statement-breakpoint
CREATE TABLE `UnlinkedKeys` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	`WrittenAt` integer NOT NULL,
	CONSTRAINT `PK_UnlinkedKeys` PRIMARY KEY(`StoreId`, `Entity`, `ShopifyId`)
);
--> statement-breakpoint
CREATE TABLE `Deliveries` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`WebhookId` text NOT NULL,
	`Topic` text NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	`TriggeredAt` integer,
	`ReceivedAt` integer NOT NULL,
	`RefreshedAt` integer
);
--> statement-breakpoint
CREATE TABLE `Rejects` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	`Reason` text NOT NULL,
	`Times` integer NOT NULL,
	`FirstAt` integer NOT NULL,
	`LastAt` integer NOT NULL,
	CONSTRAINT `PK_Rejects` PRIMARY KEY(`StoreId`, `Entity`, `ShopifyId`)
);
--> statement-breakpoint
CREATE TABLE `SyncStates` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`Watermark` integer,
	`LastSweepAt` integer,
	`LastDeepSweepAt` integer,
	`LastCensusAt` integer,
	`CensusPosition` text,
	`LastContentAt` integer,
	`CoverageFrom` integer,
	`Epoch` integer NOT NULL,
	`RefreshLeaseToken` text,
	`RefreshLeaseUntil` integer,
	`SweepLeaseToken` text,
	`SweepLeaseUntil` integer,
	`CensusLeaseToken` text,
	`CensusLeaseUntil` integer,
	CONSTRAINT `PK_SyncStates` PRIMARY KEY(`StoreId`, `Entity`)
);
--> statement-breakpoint
CREATE TABLE `SyncRuns` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`Kind` text NOT NULL,
	`State` text NOT NULL,
	`StartedAt` integer NOT NULL,
	`MovedAt` integer NOT NULL,
	`FinishedAt` integer,
	`Seen` integer NOT NULL,
	`Unchanged` integer NOT NULL,
	`Written` integer NOT NULL,
	`Deleted` integer NOT NULL,
	`Failed` integer NOT NULL,
	`Deferred` integer NOT NULL,
	`Unknowable` integer NOT NULL,
	`Points` integer NOT NULL,
	`Repaired` integer NOT NULL,
	`Message` text
);
--> statement-breakpoint
CREATE TABLE `Burials` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`BuriedAt` integer NOT NULL,
	`Times` integer NOT NULL,
	CONSTRAINT `PK_Burials` PRIMARY KEY(`StoreId`, `Entity`, `BuriedAt`)
);
--> statement-breakpoint
CREATE TABLE `Gaps` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	`RunId` integer,
	`FoundBy` text NOT NULL,
	`Reason` text NOT NULL,
	`ChangedAt` integer,
	`SeenAt` integer NOT NULL,
	`FoundAt` integer NOT NULL,
	`HealedAt` integer,
	`Cause` text
);
--> statement-breakpoint
CREATE TABLE `Certificates` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`RunId` integer NOT NULL,
	`Depth` text NOT NULL,
	`FromAt` integer NOT NULL,
	`ToAt` integer NOT NULL,
	`Counted` integer,
	`Listed` integer NOT NULL,
	`MirrorBefore` integer NOT NULL,
	`MirrorAfter` integer,
	`Missing` integer NOT NULL,
	`Newer` integer NOT NULL,
	`Vanished` integer NOT NULL,
	`Other` integer NOT NULL,
	`Repaired` integer,
	`Unversioned` integer,
	`Rejected` integer,
	`Unknowable` integer NOT NULL,
	`UnknowableBefore` integer,
	`Withheld` text NOT NULL,
	`ByIndex` text NOT NULL,
	`Buried` integer,
	`ReadSince` integer,
	`Points` integer NOT NULL,
	`Verdict` text NOT NULL,
	`Remarks` text NOT NULL,
	`IssuedAt` integer NOT NULL,
	`CompletedAt` integer
);
--> statement-breakpoint
CREATE TABLE `ChangeEvents` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	`Type` text NOT NULL,
	`UpdatedAt` integer NOT NULL,
	`CreatedAt` integer NOT NULL,
	`State` text NOT NULL,
	`Attempts` integer NOT NULL,
	`DueAt` integer NOT NULL,
	`SentAt` integer
);
--> statement-breakpoint
CREATE TABLE `PrivacyRequests` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`WebhookId` text NOT NULL,
	`Topic` text NOT NULL,
	`Keys` text NOT NULL,
	`State` text NOT NULL,
	`ReceivedAt` integer NOT NULL,
	`DueAt` integer NOT NULL,
	`CompletedAt` integer,
	`Message` text
);
--> statement-breakpoint
CREATE TABLE `Suppressions` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`KeyHash` text NOT NULL,
	`RequestId` integer NOT NULL,
	`SuppressedAt` integer NOT NULL,
	CONSTRAINT `PK_Suppressions` PRIMARY KEY(`StoreId`, `Entity`, `KeyHash`)
);
--> statement-breakpoint
CREATE TABLE `Customers` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`ShopifyCustomerId` text NOT NULL,
	`FirstName` text,
	`LastName` text,
	`Email` text,
	`Phone` text,
	`Company` text,
	`City` text,
	`ProvinceCode` text,
	`CountryCode` text,
	`AddressPhone` text,
	`AcceptsEmailMarketing` integer,
	`AcceptsSMSMarketing` integer,
	`TotalSpent` integer,
	`TotalSpentCurrency` text,
	`TotalOrders` integer,
	`TaxExempt` integer,
	`Tags` text,
	`State` text,
	`VerifiedEmail` integer,
	`Locale` text,
	`Note` text,
	`LastOrderDate` integer,
	`LastShopifyOrderId` text,
	`IsActive` integer NOT NULL,
	`DeletedAt` integer,
	`CreatedAt` integer NOT NULL,
	`UpdatedAt` integer NOT NULL,
	`ShopifyCreatedAt` integer NOT NULL,
	`ShopifyUpdatedAt` integer NOT NULL,
	`SyncedAt` integer NOT NULL,
	`ReadAt` integer NOT NULL,
	`ContentHash` text,
	`IdLength` integer GENERATED ALWAYS AS (length("ShopifyCustomerId")) VIRTUAL,
	CONSTRAINT `FK_Customers_StoreId` FOREIGN KEY (`StoreId`) REFERENCES `Stores`(`Id`)
);
--> statement-breakpoint
CREATE TABLE `Products` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`ShopifyProductId` text NOT NULL,
	`Title` text,
	`Handle` text,
	`Description` text,
	`Category` text,
	`Vendor` text,
	`ProductType` text,
	`Status` text,
	`Tags` text,
	`InventoryQuantity` integer,
	`PublishedAt` integer,
	`IsGiftCard` integer,
	`IsActive` integer NOT NULL,
	`DeletedAt` integer,
	`CreatedAt` integer NOT NULL,
	`UpdatedAt` integer NOT NULL,
	`ShopifyCreatedAt` integer NOT NULL,
	`ShopifyUpdatedAt` integer NOT NULL,
	`SyncedAt` integer NOT NULL,
	`ReadAt` integer NOT NULL,
	`ContentHash` text,
	`IdLength` integer GENERATED ALWAYS AS (length("ShopifyProductId")) VIRTUAL,
	CONSTRAINT `FK_Products_StoreId` FOREIGN KEY (`StoreId`) REFERENCES `Stores`(`Id`)
);
--> statement-breakpoint
CREATE TABLE `Orders` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`ShopifyOrderId` text NOT NULL,
	`OrderNumber` text,
	`ShopifyCustomerId` text,
	`CustomerId` integer,
	`Email` text,
	`TotalPrice` integer,
	`TotalPricePresentment` integer,
	`SubtotalPrice` integer,
	`SubtotalPricePresentment` integer,
	`TotalTax` integer,
	`TotalTaxPresentment` integer,
	`TaxPrice` integer,
	`TaxPricePresentment` integer,
	`TotalDiscounts` integer,
	`TotalDiscountsPresentment` integer,
	`TotalShipping` integer,
	`TotalShippingPresentment` integer,
	`TotalRefunded` integer,
	`TotalRefundedPresentment` integer,
	`NetPayment` integer,
	`NetPaymentPresentment` integer,
	`CurrentTotalPrice` integer,
	`CurrentTotalPricePresentment` integer,
	`Currency` text,
	`PresentmentCurrency` text,
	`Status` text,
	`FinancialStatus` text,
	`FulfillmentStatus` text,
	`CancelledAt` integer,
	`CancelReason` text,
	`SourceName` text,
	`Tags` text,
	`DiscountCodes` text,
	`IsTest` integer,
	`ShopifyProcessedAt` integer,
	`IsActive` integer NOT NULL,
	`DeletedAt` integer,
	`CreatedAt` integer NOT NULL,
	`UpdatedAt` integer NOT NULL,
	`ShopifyCreatedAt` integer NOT NULL,
	`ShopifyUpdatedAt` integer NOT NULL,
	`SyncedAt` integer NOT NULL,
	`ReadAt` integer NOT NULL,
	`ContentHash` text,
	`IdLength` integer GENERATED ALWAYS AS (length("ShopifyOrderId")) VIRTUAL,
	CONSTRAINT `FK_Orders_CustomerId` FOREIGN KEY (`CustomerId`) REFERENCES `Customers`(`Id`),
	CONSTRAINT `FK_Orders_StoreId` FOREIGN KEY (`StoreId`) REFERENCES `Stores`(`Id`)
);
--> statement-breakpoint
CREATE TABLE `ProductVariants` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`ProductId` integer NOT NULL,
	`ShopifyVariantId` text NOT NULL,
	`ShopifyInventoryItemId` text,
	`Title` text,
	`Sku` text,
	`Barcode` text,
	`Position` integer,
	`Price` integer,
	`CompareAtPrice` integer,
	`UnitCost` integer,
	`InventoryQuantity` integer,
	`Option1Name` text,
	`Option1Value` text,
	`Option2Name` text,
	`Option2Value` text,
	`Option3Name` text,
	`Option3Value` text,
	`Weight` integer,
	`WeightUnit` text,
	`RequiresShipping` integer,
	`Taxable` integer,
	`CreatedAt` integer,
	`UpdatedAt` integer,
	CONSTRAINT `FK_ProductVariants_ProductId` FOREIGN KEY (`ProductId`) REFERENCES `Products`(`Id`) ON DELETE CASCADE
);
--> statement-breakpoint
CREATE TABLE `OrderItems` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`OrderId` integer NOT NULL,
	`ShopifyLineItemId` text NOT NULL,
	`ShopifyProductId` text,
	`ShopifyVariantId` text,
	`ProductId` integer,
	`ProductTitle` text,
	`Title` text,
	`VariantTitle` text,
	`ProductHandle` text,
	`ProductVendor` text,
	`ProductType` text,
	`Sku` text,
	`Price` integer,
	`CompareAtPrice` integer,
	`Quantity` integer,
	`CurrentQuantity` integer,
	`TotalPrice` integer,
	`TotalDiscount` integer,
	`Option1Name` text,
	`Option1Value` text,
	`Option2Name` text,
	`Option2Value` text,
	`Option3Name` text,
	`Option3Value` text,
	`RequiresShipping` integer,
	`Taxable` integer,
	`IsGiftCard` integer,
	CONSTRAINT `FK_OrderItems_ProductId` FOREIGN KEY (`ProductId`) REFERENCES `Products`(`Id`),
	CONSTRAINT `FK_OrderItems_OrderId` FOREIGN KEY (`OrderId`) REFERENCES `Orders`(`Id`) ON DELETE CASCADE
);
--> statement-breakpoint
CREATE TABLE `Refunds` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`OrderId` integer NOT NULL,
	`ShopifyRefundId` text NOT NULL,
	`Note` text,
	`TotalRefunded` integer,
	`TotalRefundedPresentment` integer,
	`CreatedAt` integer,
	`ProcessedAt` integer,
	`UpdatedAt` integer,
	CONSTRAINT `FK_Refunds_OrderId` FOREIGN KEY (`OrderId`) REFERENCES `Orders`(`Id`) ON DELETE CASCADE
);
--> statement-breakpoint
CREATE TABLE `RefundItems` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`RefundId` integer NOT NULL,
	`ShopifyRefundLineItemId` text NOT NULL,
	`ShopifyLineItemId` text,
	`Quantity` integer,
	`RestockType` text,
	`Subtotal` integer,
	`SubtotalPresentment` integer,
	`TotalTax` integer,
	`TotalTaxPresentment` integer,
	CONSTRAINT `FK_RefundItems_RefundId` FOREIGN KEY (`RefundId`) REFERENCES `Refunds`(`Id`) ON DELETE CASCADE
);
--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Stores_Domain` ON `Stores` (`Domain`);--> statement-breakpoint
CREATE INDEX `IX_StaleKeys_Lane` ON `StaleKeys` (`StoreId`,`Entity`,`Lane`,`DueAt`);--> statement-breakpoint
CREATE INDEX `IX_StaleKeys_DueAt` ON `StaleKeys` (`StoreId`,`Entity`,`DueAt`);--> statement-breakpoint
CREATE INDEX `IX_StaleKeys_HeldByRun` ON `StaleKeys` (`HeldByRun`) WHERE "StaleKeys"."HeldByRun" is not null;--> statement-breakpoint
CREATE INDEX `IX_StaleKeys_FoundByRun` ON `StaleKeys` (`StoreId`,`Entity`,`FoundByRun`) WHERE "StaleKeys"."FoundByRun" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Deliveries_WebhookId` ON `Deliveries` (`StoreId`,`WebhookId`,`Entity`,`ShopifyId`);--> statement-breakpoint
CREATE INDEX `IX_Deliveries_Key` ON `Deliveries` (`StoreId`,`Entity`,`ShopifyId`,`TriggeredAt`);--> statement-breakpoint
CREATE INDEX `IX_Deliveries_RefreshedAt` ON `Deliveries` (`StoreId`,`RefreshedAt`);--> statement-breakpoint
CREATE INDEX `IX_Deliveries_ReceivedAt` ON `Deliveries` (`ReceivedAt`);--> statement-breakpoint
CREATE INDEX `IX_SyncRuns_StartedAt` ON `SyncRuns` (`StoreId`,`Entity`,`Kind`,`StartedAt`);--> statement-breakpoint
CREATE INDEX `IX_SyncRuns_State` ON `SyncRuns` (`State`,`MovedAt`);--> statement-breakpoint
CREATE INDEX `IX_Gaps_Key` ON `Gaps` (`StoreId`,`Entity`,`ShopifyId`);--> statement-breakpoint
CREATE INDEX `IX_Gaps_FoundAt` ON `Gaps` (`FoundAt`);--> statement-breakpoint
CREATE INDEX `IX_Gaps_RunId` ON `Gaps` (`RunId`);--> statement-breakpoint
CREATE INDEX `IX_Gaps_Unjudged` ON `Gaps` (`StoreId`,`Entity`,`Id`) WHERE "Gaps"."Cause" is null;--> statement-breakpoint
CREATE INDEX `IX_Certificates_IssuedAt` ON `Certificates` (`StoreId`,`Entity`,`IssuedAt`);--> statement-breakpoint
CREATE INDEX `IX_Certificates_Open` ON `Certificates` (`StoreId`,`Entity`,`RunId`) WHERE "Certificates"."CompletedAt" is null;--> statement-breakpoint
CREATE INDEX `IX_ChangeEvents_State` ON `ChangeEvents` (`State`,`Id`);--> statement-breakpoint
CREATE INDEX `IX_ChangeEvents_Key` ON `ChangeEvents` (`StoreId`,`Entity`,`ShopifyId`);--> statement-breakpoint
CREATE INDEX `IX_ChangeEvents_CreatedAt` ON `ChangeEvents` (`CreatedAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_PrivacyRequests_WebhookId` ON `PrivacyRequests` (`StoreId`,`WebhookId`);--> statement-breakpoint
CREATE INDEX `IX_PrivacyRequests_State` ON `PrivacyRequests` (`State`,`DueAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Customers_ShopifyCustomerId` ON `Customers` (`StoreId`,`ShopifyCustomerId`);--> statement-breakpoint
CREATE INDEX `IX_Customers_Email` ON `Customers` (`StoreId`,`Email`);--> statement-breakpoint
CREATE INDEX `IX_Customers_IdLength` ON `Customers` (`StoreId`,`IdLength`,`ShopifyCustomerId`);--> statement-breakpoint
CREATE INDEX `IX_Customers_UpdatedAt` ON `Customers` (`StoreId`,`IsActive`,`UpdatedAt`);--> statement-breakpoint
CREATE INDEX `IX_Customers_ReadAt` ON `Customers` (`StoreId`,`IsActive`,`ReadAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Products_ShopifyProductId` ON `Products` (`StoreId`,`ShopifyProductId`);--> statement-breakpoint
CREATE INDEX `IX_Products_IdLength` ON `Products` (`StoreId`,`IdLength`,`ShopifyProductId`);--> statement-breakpoint
CREATE INDEX `IX_Products_UpdatedAt` ON `Products` (`StoreId`,`IsActive`,`UpdatedAt`);--> statement-breakpoint
CREATE INDEX `IX_Products_ReadAt` ON `Products` (`StoreId`,`IsActive`,`ReadAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Orders_ShopifyOrderId` ON `Orders` (`StoreId`,`ShopifyOrderId`);--> statement-breakpoint
CREATE INDEX `IX_Orders_ShopifyCustomerId` ON `Orders` (`StoreId`,`ShopifyCustomerId`);--> statement-breakpoint
CREATE INDEX `IX_Orders_Email` ON `Orders` (`StoreId`,`Email`);--> statement-breakpoint
CREATE INDEX `IX_Orders_ShopifyProcessedAt` ON `Orders` (`StoreId`,`ShopifyProcessedAt`);--> statement-breakpoint
CREATE INDEX `IX_Orders_IdLength` ON `Orders` (`StoreId`,`IdLength`,`ShopifyOrderId`);--> statement-breakpoint
CREATE INDEX `IX_Orders_UpdatedAt` ON `Orders` (`StoreId`,`IsActive`,`UpdatedAt`);--> statement-breakpoint
CREATE INDEX `IX_Orders_ReadAt` ON `Orders` (`StoreId`,`IsActive`,`ReadAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_ProductVariants_ShopifyVariantId` ON `ProductVariants` (`StoreId`,`ShopifyVariantId`);--> statement-breakpoint
CREATE INDEX `IX_ProductVariants_ShopifyInventoryItemId` ON `ProductVariants` (`StoreId`,`ShopifyInventoryItemId`);--> statement-breakpoint
CREATE INDEX `IX_ProductVariants_ProductId` ON `ProductVariants` (`ProductId`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_OrderItems_ShopifyLineItemId` ON `OrderItems` (`StoreId`,`ShopifyLineItemId`);--> statement-breakpoint
CREATE INDEX `IX_OrderItems_ShopifyProductId` ON `OrderItems` (`StoreId`,`ShopifyProductId`);--> statement-breakpoint
CREATE INDEX `IX_OrderItems_ShopifyVariantId` ON `OrderItems` (`StoreId`,`ShopifyVariantId`);--> statement-breakpoint
CREATE INDEX `IX_OrderItems_OrderId` ON `OrderItems` (`OrderId`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_Refunds_ShopifyRefundId` ON `Refunds` (`StoreId`,`ShopifyRefundId`);--> statement-breakpoint
CREATE INDEX `IX_Refunds_OrderId` ON `Refunds` (`OrderId`);--> statement-breakpoint
CREATE UNIQUE INDEX `UX_RefundItems_ShopifyRefundLineItemId` ON `RefundItems` (`StoreId`,`ShopifyRefundLineItemId`);--> statement-breakpoint
CREATE INDEX `IX_RefundItems_RefundId` ON `RefundItems` (`RefundId`);