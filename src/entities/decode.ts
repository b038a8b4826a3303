import { hash } from 'node:crypto';
import { z } from 'zod';
import { idOfGid } from '../ids.ts';
import { type LackReason, lacksOf, stronger } from '../lack.ts';
import type { ChildRecord, MirrorRecord } from '../record.ts';
import { type Column, type Columns, pathOf, type Row, type Value } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';

/**
 * From a GraphQL object to a record of the mirror. The same decoder serves webhooks, sweeps, the census and the
 * first mirror. A record that cannot be decoded is one reject with the columns that are wrong, never their values.
 */

/** Path of a GraphQL error inside the decoded object: `['variants', 'nodes', 3, 'inventoryItem']`. */
export type FieldPath = readonly (string | number)[];

export interface Withholding {
  /** Scopes the store has granted. */
  readonly scopes: ReadonlySet<string>;
  /** Where, inside this object, Shopify answered an error instead of a value. */
  readonly errors: readonly FieldError[];
}

export interface FieldError {
  readonly path: FieldPath;
  readonly reason: Extract<LackReason, 'denied' | 'error'>;
}

export type Decoded =
  | { readonly ok: true; readonly record: MirrorRecord }
  | { readonly ok: false; readonly reason: string };

class Undecodable extends Error {}

type Json = Readonly<Record<string, unknown>>;
const head = z.object({
  id: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
});

export function decode(entity: Entity, node: Json, withholding: Withholding): Decoded {
  try {
    const parsed = head.safeParse(node);
    const id = parsed.success ? idOfGid(parsed.data.id, entity.type) : null;
    if (!parsed.success || id === null)
      return { ok: false, reason: `${entity.type}: id or time is malformed` };
    const named: Named = new Map();
    const errors = withholding.errors.map((error) => ({ ...error, path: nulledBy(error.path, node) }));
    const known = { ...withholding, errors };
    const own = decodeColumns(entity.table, entity.columns, node, known, named);
    const children = decodeChildren(entity.children, node, known, named, id);
    const withheld = own.withheld;
    const contentHash = contentHashOf(own.row, children, withheld);
    const { createdAt, updatedAt } = parsed.data;
    const times = { createdAt: Date.parse(createdAt), updatedAt: Date.parse(updatedAt) };
    return {
      ok: true,
      record: {
        ...{ id, ...times, row: own.row, children, withheld, contentHash },
        lacks: lacksOf(named),
        erasedAt: null,
      },
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

/** By `Table.Column`. */
type Named = Map<string, LackReason>;
const name = (named: Named, column: string, reason: LackReason): void => {
  named.set(column, stronger(named.get(column), reason));
};

function decodeColumns(
  table: string,
  columns: Columns,
  node: Json,
  { scopes, errors }: Withholding,
  named: Named,
): { readonly row: Row; readonly withheld: readonly string[] } {
  const row: Record<string, Value> = {};
  const withheld: string[] = [];
  for (const [title, column] of Object.entries(columns)) {
    if (column.sources.length === 0) continue;
    const reason = column.scope !== null && !scopes.has(column.scope) ? 'scope' : errorOf(column, errors);
    if (reason !== null) {
      withheld.push(title);
      name(named, `${table}.${title}`, reason);
    }
    row[title] =
      reason !== null && column.nullable ? null : decodeValue(table, title, column, reason ? {} : node);
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
function errorOf(column: Column, errors: readonly FieldError[]): FieldError['reason'] | null {
  if (errors.length === 0) return null;
  const paths = column.sources.map((source) => pathOf(source).split('.'));
  const met = errors.filter((error) =>
    paths.some((path) => path.every((field, i) => error.path[i] === undefined || error.path[i] === field)),
  );
  return reasonOf(met);
}

/** Null where there is no error. Denied only if nothing else is in the way. */
const reasonOf = (errors: readonly FieldError[]): FieldError['reason'] | null =>
  errors.length === 0 ? null : errors.every(({ reason }) => reason === 'denied') ? 'denied' : 'error';

function decodeChildren(
  sets: readonly ChildSet[],
  node: Json,
  withholding: Withholding,
  named: Named,
  parentId: string,
): Readonly<Record<string, readonly ChildRecord[]>> {
  const children: Record<string, readonly ChildRecord[]> = {};
  for (const set of sets) {
    const errors = under(withholding.errors, set.field);
    const list = listOf(set, node);
    if (list === null) {
      name(named, `${set.table}.*`, reasonOf(errors) ?? 'error');
      continue;
    }
    children[set.table] = list.map((child, i) => {
      const inner = set.shape === 'connection' ? under(under(errors, 'nodes'), i) : under(errors, i);
      return decodeChild(set, child, { scopes: withholding.scopes, errors: inner }, named, parentId);
    });
  }
  return children;
}

/** Null when Shopify withheld the whole list. */
function listOf(set: ChildSet, node: Json): readonly Json[] | null {
  const list = at(node, set.shape === 'connection' ? `${set.field}.nodes` : set.field);
  return Array.isArray(list) ? (list as Json[]) : null;
}

const under = (errors: readonly FieldError[], step: string | number): readonly FieldError[] =>
  errors.filter(({ path }) => path[0] === step).map((each) => ({ ...each, path: each.path.slice(1) }));

function decodeChild(
  set: ChildSet,
  node: Json,
  withholding: Withholding,
  named: Named,
  parentId: string,
): ChildRecord {
  const { row, withheld } = decodeColumns(set.table, set.columns, node, withholding, named);
  const id = typeof node['id'] === 'string' ? idOfGid(node['id']) : null;
  const fallback = set.keyFallback === undefined ? null : row[set.keyFallback];
  const key = id ?? (typeof fallback === 'string' ? `${parentId}-${fallback}` : null);
  if (key === null) throw new Undecodable(`${set.table}.${set.key} is missing`);
  return { key, row, withheld, children: decodeChildren(set.children, node, withholding, named, key) };
}
