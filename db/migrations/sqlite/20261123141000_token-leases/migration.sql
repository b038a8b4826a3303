ALTER TABLE `Stores` ADD `TokenLease` text;--> statement-breakpoint
ALTER TABLE `Stores` ADD `TokenLeaseUntil` integer;