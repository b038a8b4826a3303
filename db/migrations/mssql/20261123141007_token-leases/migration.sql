ALTER TABLE [Stores] ADD [TokenLease] nvarchar(50);--> statement-breakpoint
ALTER TABLE [Stores] ADD [TokenLeaseUntil] datetime2(3);