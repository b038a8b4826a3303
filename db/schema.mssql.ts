import * as columns from './schema/columns.mssql.ts';
import { defineSchema } from './schema.ts';

/** The schema as SQL Server and Azure SQL have it. */
export const schema = defineSchema(columns);
