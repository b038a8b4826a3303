CREATE TABLE `PrivacyRequests` (
	`Id` integer PRIMARY KEY AUTOINCREMENT,
	`StoreId` integer NOT NULL,
	`ShopId` text,
	`Topic` text NOT NULL,
	`Digest` text NOT NULL,
	`Subject` text,
	`Vouched` integer NOT NULL,
	`State` text NOT NULL,
	`ReceivedAt` integer NOT NULL,
	`DueAt` integer NOT NULL,
	`TryAt` integer NOT NULL,
	`Attempts` integer NOT NULL,
	`CompletedAt` integer,
	`Message` text,
	`ExportName` text,
	`Certificate` text
);
--> statement-breakpoint
CREATE TABLE `PrivacyKeys` (
	`RequestId` integer NOT NULL,
	`Entity` text NOT NULL,
	`ShopifyId` text NOT NULL,
	CONSTRAINT `PK_PrivacyKeys` PRIMARY KEY(`RequestId`, `Entity`, `ShopifyId`)
);
--> statement-breakpoint
CREATE TABLE `PrivacyCounts` (
	`RequestId` integer NOT NULL,
	`TableName` text NOT NULL,
	`Times` integer NOT NULL,
	CONSTRAINT `PK_PrivacyCounts` PRIMARY KEY(`RequestId`, `TableName`)
);
--> statement-breakpoint
CREATE TABLE `Suppressions` (
	`StoreId` integer NOT NULL,
	`KeyHash` text NOT NULL,
	`KeyName` text NOT NULL,
	`RequestId` integer NOT NULL,
	`SuppressedAt` integer NOT NULL,
	CONSTRAINT `PK_Suppressions` PRIMARY KEY(`StoreId`, `KeyHash`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `UX_PrivacyRequests_Digest` ON `PrivacyRequests` (`StoreId`,`Topic`,`Digest`);--> statement-breakpoint
CREATE INDEX `IX_PrivacyRequests_State` ON `PrivacyRequests` (`State`,`TryAt`);--> statement-breakpoint
CREATE INDEX `IX_Suppressions_KeyName` ON `Suppressions` (`StoreId`,`KeyName`);