import * as columns from './schema/columns.sqlite.ts';
import { assertKit } from './schema/kit.ts';
import { defineSchema } from './schema.ts';

const kit: object = columns;
assertKit(kit);

/** The schema as the embedded database has it. */
export const schema = defineSchema(kit);
