import { defineSchema } from './schema.ts';
import * as columns from './schema/columns.mssql.ts';

/** The schema as SQL Server and Azure SQL have it. */
export const schema = defineSchema(columns);
