ALTER TABLE [ProductVariants] ADD [Barcodes] nvarchar(max);--> statement-breakpoint
ALTER TABLE [OrderItems] ADD [IsProductGone] bit;