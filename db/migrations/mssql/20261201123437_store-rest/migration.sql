ALTER TABLE [Stores] ADD [PausedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [RefusedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [LookedAt] datetime2(3);--> statement-breakpoint
ALTER TABLE [Stores] ADD [Looks] int;--> statement-breakpoint
ALTER TABLE [Stores] ADD [Unheard] int;--> statement-breakpoint
ALTER TABLE [Stores] ADD [FormerDomains] nvarchar(max);