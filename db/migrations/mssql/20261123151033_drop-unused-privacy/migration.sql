DROP TABLE [PrivacyRequests];--> statement-breakpoint
DROP TABLE [Suppressions];--> statement-breakpoint
ALTER TABLE [Customers] ADD [ErasedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Products] ADD [ErasedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Orders] ADD [ErasedAt] datetime2(3);