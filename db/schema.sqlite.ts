import { defineSchema } from './schema.ts';
import * as columns from './schema/columns.sqlite.ts';
import { assertKit } from './schema/kit.ts';

const kit: object = columns;
assertKit(kit);

/** The schema as the embedded database has it. */
export const schema = defineSchema(kit);
