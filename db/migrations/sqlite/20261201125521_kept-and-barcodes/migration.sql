ALTER TABLE `ProductVariants` ADD `Barcodes` text;--> statement-breakpoint
ALTER TABLE `OrderItems` ADD `IsProductGone` integer;