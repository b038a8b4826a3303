import { hash } from 'node:crypto';
import { z } from 'zod';
import { idOfGid } from '../ids.ts';
import type { ChildRecord, MirrorRecord } from '../record.ts';
import { inOrder, type Keyed, keyThatStandsTwice } from './child-keys.ts';
import { type Column, type Columns, pathOf, type Row, standing, type Value } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';

/**
 * From a GraphQL object to a record of the mirror. The same decoder serves webhooks, sweeps, the census and the
 * first mirror. A record that cannot be decoded is one reject with the columns that are wrong, never their values.
 */

/** Path of a GraphQL error inside the decoded object: `['variants', 'nodes', 3, 'inventoryItem']`. */
export type FieldPath = readonly (string | number)[];

export interface Withholding {
  /** Scopes the store has granted, and newer fields of its schema (see `standing`). */
  readonly scopes: ReadonlySet<string>;
  /** Where, inside this object, Shopify answered an error instead of a value. */
  readonly errors: readonly FieldPath[];
}

export type Decoded =
  | { readonly ok: true; readonly record: MirrorRecord; readonly withheld: readonly string[] }
  | { readonly ok: false; readonly reason: string };

class Undecodable extends Error {}

type Json = Readonly<Record<string, unknown>>;
const head = z.object({
  id: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
});

/** `withheld` of the answer names `Table.Column` for the store's status; the record's own list names plain columns. */
export function decode(entity: Entity, node: Json, withholding: Withholding): Decoded {
  try {
    const parsed = head.safeParse(node);
    const id = parsed.success ? idOfGid(parsed.data.id, entity.type) : null;
    if (!parsed.success || id === null)
      return { ok: false, reason: `${entity.type}: id or time is malformed` };
    const named = new Set<string>();
    const known = { ...withholding, errors: withholding.errors.map((path) => nulledBy(path, node)) };
    const own = decodeColumns(entity.table, entity.columns, node, known, named);
    const children = decodeChildren(entity.children, node, known, named, id);
    const twice = keyThatStandsTwice(children);
    if (twice !== null) return { ok: false, reason: `${twice} stands twice in one ${entity.type}` };
    const withheld = own.withheld;
    const contentHash = contentHashOf(own.row, children, withheld);
    const { createdAt, updatedAt } = parsed.data;
    const times = { createdAt: Date.parse(createdAt), updatedAt: Date.parse(updatedAt) };
    return {
      ok: true,
      record: { id, ...times, row: own.row, children, withheld, contentHash, erasedAt: null },
      withheld: [...named],
    };
  } catch (error) {
    if (error instanceof Undecodable) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Equal text means that nothing but the times differs. */
export const contentHashOf = (
  row: Row,
  children: MirrorRecord['children'],
  withheld: readonly string[],
): string => hash('sha1', JSON.stringify([row, children, withheld]), 'base64');

function decodeColumns(
  table: string,
  columns: Columns,
  node: Json,
  { scopes, errors }: Withholding,
  named: Set<string>,
): { readonly row: Row; readonly withheld: readonly string[] } {
  const row: Record<string, Value> = {};
  const withheld: string[] = [];
  for (const [name, described] of Object.entries(columns)) {
    const column = standing(described, scopes);
    if (column.sources.length === 0) continue;
    const isWithheld = (column.scope !== null && !scopes.has(column.scope)) || hasError(column, errors);
    if (isWithheld) {
      withheld.push(name);
      named.add(`${table}.${name}`);
    }
    row[name] =
      isWithheld && column.nullable ? null : decodeValue(table, name, column, isWithheld ? {} : node);
  }
  return { row, withheld };
}

/** A missing parent on the way means null, as in `defaultAddress: null`. */
function decodeValue(table: string, name: string, column: Column, node: Json): Value {
  const values = column.sources.map((source) => at(node, pathOf(source)));
  const parsed = column.decode.safeParse(values);
  if (parsed.success) return parsed.data;
  if (values.includes(null) && column.nullable) return null;
  throw new Undecodable(`${table}.${name} ${parsed.error.issues[0]?.message ?? 'is malformed'}`);
}

function at(node: unknown, path: string): unknown {
  let here: unknown = node;
  for (const field of path.split('.')) {
    if (here === null || typeof here !== 'object') return null;
    here = (here as Json)[field] ?? null;
  }
  return here;
}

/**
 * What an error really took away: where a field is not nullable, GraphQL nulls its parent, so that the siblings of
 * the refused field are unknown too. The path is cut at the outermost null on the way.
 */
function nulledBy(path: FieldPath, node: Json): FieldPath {
  let here: unknown = node;
  for (const [depth, step] of path.entries()) {
    here = (here as Record<string | number, unknown> | undefined)?.[step] ?? null;
    if (here === null) return path.slice(0, depth + 1);
  }
  return path;
}

/** An error at, above or below the field: whichever it is, the value is not known. */
function hasError(column: Column, errors: readonly FieldPath[]): boolean {
  if (errors.length === 0) return false;
  const paths = column.sources.map((source) => pathOf(source).split('.'));
  return errors.some((error) =>
    paths.some((path) => path.every((field, i) => error[i] === undefined || error[i] === field)),
  );
}

function decodeChildren(
  sets: readonly ChildSet[],
  node: Json,
  withholding: Withholding,
  named: Set<string>,
  parentId: string,
): Readonly<Record<string, readonly ChildRecord[]>> {
  const children: Record<string, readonly ChildRecord[]> = {};
  for (const set of sets) {
    const errors = under(withholding.errors, set.field);
    const list = listOf(set, node);
    if (list === null) {
      named.add(`${set.table}.*`);
      continue;
    }
    const decoded = list.map((child, i) => {
      const inner = set.shape === 'connection' ? under(under(errors, 'nodes'), i) : under(errors, i);
      return decodeChild(set, child, { scopes: withholding.scopes, errors: inner }, named, parentId);
    });
    children[set.table] = inOrder(decoded);
  }
  return children;
}

/** Null when Shopify withheld the whole list. */
function listOf(set: ChildSet, node: Json): readonly Json[] | null {
  const list = at(node, set.shape === 'connection' ? `${set.field}.nodes` : set.field);
  return Array.isArray(list) ? (list as Json[]) : null;
}

const under = (errors: readonly FieldPath[], step: string | number): readonly FieldPath[] =>
  errors.filter((path) => path[0] === step).map((path) => path.slice(1));

function decodeChild(
  set: ChildSet,
  node: Json,
  withholding: Withholding,
  named: Set<string>,
  parentId: string,
): Keyed {
  const { row, withheld } = decodeColumns(set.table, set.columns, node, withholding, named);
  const id = typeof node['id'] === 'string' ? idOfGid(node['id'], set.type) : null;
  if (id === null && typeof node['id'] === 'string')
    throw new Undecodable(`${set.table}.${set.key} is no id of a ${set.type}`);
  const fallback = set.keyFallback === undefined ? null : row[set.keyFallback];
  const key = id ?? (typeof fallback === 'string' ? `${parentId}-${fallback}` : null);
  if (key === null) throw new Undecodable(`${set.table}.${set.key} is missing`);
  const children = decodeChildren(set.children, node, withholding, named, key);
  return { child: { key, row, withheld, children }, made: id === null };
}
