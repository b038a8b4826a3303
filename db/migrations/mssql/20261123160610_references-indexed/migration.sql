CREATE INDEX [IX_Orders_CustomerId] ON [Orders] ([CustomerId]);--> statement-breakpoint
CREATE INDEX [IX_OrderItems_ProductId] ON [OrderItems] ([ProductId]);