/** The vendored cut of Shopify's Admin schema, read once. */
import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import type { AccessTable } from './access.ts';

/** The one version this simulator speaks; requests for any other are answered in it. */
export const API_VERSION = '2026-10';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

let schema: GraphQLSchema | undefined;
let access: AccessTable | undefined;

/** The schema without resolvers: enough to validate a query or to price it. */
export function loadSchema(): GraphQLSchema {
  schema ??= buildSchema(read(`admin-${API_VERSION}.graphql`));
  return schema;
}

/** A schema of its own for whoever attaches resolvers to it. */
export const freshSchema = (): GraphQLSchema => buildSchema(read(`admin-${API_VERSION}.graphql`));

/** Scopes and protected fields, made by the same script as the schema. */
export function loadAccess(): AccessTable {
  access ??= JSON.parse(read(`access-${API_VERSION}.json`)) as AccessTable;
  return access;
}
