ALTER TABLE `Customers` ADD `Lacks` text;--> statement-breakpoint
ALTER TABLE `Products` ADD `Lacks` text;--> statement-breakpoint
ALTER TABLE `Orders` ADD `Lacks` text;--> statement-breakpoint
CREATE INDEX `IX_Customers_Lacks` ON `Customers` (`StoreId`,`IsActive`) WHERE "Customers"."Lacks" is not null;--> statement-breakpoint
CREATE INDEX `IX_Products_Lacks` ON `Products` (`StoreId`,`IsActive`) WHERE "Products"."Lacks" is not null;--> statement-breakpoint
CREATE INDEX `IX_Orders_Lacks` ON `Orders` (`StoreId`,`IsActive`) WHERE "Orders"."Lacks" is not null;