CREATE TABLE `CertifiedRanges` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`RunId` integer NOT NULL,
	`AfterId` text,
	`ThroughId` text NOT NULL,
	`EqualKeys` integer NOT NULL,
	`Digest` text NOT NULL,
	`OtherKeys` text,
	`ComparedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `UnprovenKeys` (
	`StoreId` integer NOT NULL,
	`Entity` text NOT NULL,
	`FoundByRun` integer NOT NULL,
	`ShopifyId` text NOT NULL,
	`EndedAt` integer NOT NULL,
	CONSTRAINT `PK_UnprovenKeys` PRIMARY KEY(`StoreId`, `Entity`, `FoundByRun`, `ShopifyId`)
);
--> statement-breakpoint
ALTER TABLE `Stores` ADD `PausedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `RefusedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `LookedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `Looks` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `Unheard` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `FormerDomains` text;--> statement-breakpoint
ALTER TABLE `StaleKeys` ADD `ExcusesBefore` integer;--> statement-breakpoint
ALTER TABLE `Certificates` ADD `Unproven` integer;--> statement-breakpoint
ALTER TABLE `Certificates` ADD `Planted` integer;--> statement-breakpoint
ALTER TABLE `Certificates` ADD `Detected` integer;--> statement-breakpoint
ALTER TABLE `Customers` ADD `Lacks` text;--> statement-breakpoint
ALTER TABLE `Products` ADD `Lacks` text;--> statement-breakpoint
ALTER TABLE `Orders` ADD `Lacks` text;--> statement-breakpoint
ALTER TABLE `ProductVariants` ADD `Barcodes` text;--> statement-breakpoint
ALTER TABLE `OrderItems` ADD `IsProductGone` integer;--> statement-breakpoint
CREATE INDEX `IX_CertifiedRanges_RunId` ON `CertifiedRanges` (`RunId`,`Id`);--> statement-breakpoint
CREATE INDEX `IX_CertifiedRanges_StoreId` ON `CertifiedRanges` (`StoreId`);--> statement-breakpoint
CREATE INDEX `IX_CertifiedRanges_ComparedAt` ON `CertifiedRanges` (`ComparedAt`);--> statement-breakpoint
CREATE INDEX `IX_Customers_Lacks` ON `Customers` (`StoreId`,`IsActive`) WHERE "Customers"."Lacks" is not null;--> statement-breakpoint
CREATE INDEX `IX_Products_Lacks` ON `Products` (`StoreId`,`IsActive`) WHERE "Products"."Lacks" is not null;--> statement-breakpoint
CREATE INDEX `IX_Orders_Lacks` ON `Orders` (`StoreId`,`IsActive`) WHERE "Orders"."Lacks" is not null;--> statement-breakpoint
UPDATE `Stores` SET `RefusedAt` = `UninstalledAt` WHERE `IsActive` = 0;--> statement-breakpoint
UPDATE `Stores` SET `Settings` = json_set(`Settings`, '$.contentOwed', json('{"customers":1,"products":1,"orders":1}'));
