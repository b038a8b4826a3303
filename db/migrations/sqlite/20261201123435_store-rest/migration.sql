ALTER TABLE `Stores` ADD `PausedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `RefusedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `LookedAt` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `Looks` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `Unheard` integer;--> statement-breakpoint
ALTER TABLE `Stores` ADD `FormerDomains` text;