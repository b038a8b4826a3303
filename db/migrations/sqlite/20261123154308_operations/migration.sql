ALTER TABLE `Stores` ADD `TokenLease` text;--> statement-breakpoint
ALTER TABLE `Stores` ADD `TokenLeaseUntil` integer;--> statement-breakpoint
ALTER TABLE `Deliveries` ADD `TraceParent` text;--> statement-breakpoint
ALTER TABLE `ChangeEvents` ADD `RowId` integer;--> statement-breakpoint
ALTER TABLE `ChangeEvents` ADD `Columns` text;--> statement-breakpoint
DROP INDEX IF EXISTS `IX_ChangeEvents_State`;--> statement-breakpoint
CREATE INDEX `IX_ChangeEvents_Waiting` ON `ChangeEvents` (`StoreId`,`State`,`Id`);