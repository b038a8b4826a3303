ALTER TABLE `Customers` ADD `ErasedAt` integer;--> statement-breakpoint
ALTER TABLE `Products` ADD `ErasedAt` integer;--> statement-breakpoint
ALTER TABLE `Orders` ADD `ErasedAt` integer;--> statement-breakpoint
DROP INDEX IF EXISTS `UX_PrivacyRequests_WebhookId`;--> statement-breakpoint
DROP INDEX IF EXISTS `IX_PrivacyRequests_State`;--> statement-breakpoint
DROP TABLE `PrivacyRequests`;--> statement-breakpoint
DROP TABLE `Suppressions`;