import { hash } from 'node:crypto';
import { z } from 'zod';
import { idOfGid } from '../ids.ts';
import { type LackReason, lacksOf, stronger } from '../lack.ts';
import type { ChildRecord, MirrorRecord } from '../record.ts';
import { inOrder, type Keyed, keyThatStandsTwice } from './child-keys.ts';
import { type Column, type Columns, pathOf, type Row, standing, type Value } from './column.ts';
import type { ChildSet, Entity } from './entity.ts';
import {
  at,
  cutAtNulls,
  errorOf,
  isAbsent,
  isGranted,
  type Json,
  leadsToNull,
  listOf,
  mayHide,
  reasonOf,
  under,
  underChild,
  type Withholding,
} from './withholding.ts';

/**
 * From a GraphQL object to a record of the mirror. The same decoder serves webhooks, sweeps, the census and the
 * first mirror. A record that cannot be decoded is one reject with the columns that are wrong, never their values.
 */

export type Decoded =
  | { readonly state: 'decoded'; readonly record: MirrorRecord }
  /** It cannot be mirrored as it is. */
  | { readonly state: 'rejected'; readonly reason: string }
  /** Nobody can tell what of it is missing: to be read again. */
  | { readonly state: 'unfinished'; readonly reason: string };

class Undecodable extends Error {}
/** A list that is null without any error, or a field that does not stand in the answer. */
class Untold extends Error {}

const head = z.object({
  id: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
});

export function decode(entity: Entity, node: Json, withholding: Withholding): Decoded {
  try {
    if (!withholding.errors.every(({ path }) => leadsToNull(entity, node, path, withholding.scopes)))
      return { state: 'unfinished', reason: `${entity.type}: an error leads to no field that is null` };
    const parsed = head.safeParse(node);
    const id = parsed.success ? idOfGid(parsed.data.id, entity.type) : null;
    if (!parsed.success || id === null)
      return { state: 'rejected', reason: `${entity.type}: id or time is malformed` };
    const named: Named = new Map();
    const known = cutAtNulls(node, withholding);
    const own = decodeColumns(entity.table, entity.columns, node, known, named);
    const children = decodeChildren(entity.children, node, known, named, id);
    const twice = keyThatStandsTwice(children);
    if (twice !== null) return { state: 'rejected', reason: `${twice} stands twice in one ${entity.type}` };
    const withheld = own.withheld;
    const contentHash = contentHashOf(own.row, children, withheld);
    const { createdAt, updatedAt } = parsed.data;
    const times = { createdAt: Date.parse(createdAt), updatedAt: Date.parse(updatedAt) };
    return {
      state: 'decoded',
      record: {
        ...{ id, ...times, row: own.row, children, withheld, contentHash },
        lacks: lacksOf(named),
        erasedAt: null,
      },
    };
  } catch (error) {
    if (error instanceof Undecodable) return { state: 'rejected', reason: error.message };
    if (error instanceof Untold) return { state: 'unfinished', reason: error.message };
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
  for (const [title, described] of Object.entries(columns)) {
    const column = standing(described, scopes);
    if (column.sources.length === 0) continue;
    const hides = mayHide(column, node, scopes) && errorOf(column, errors) === null;
    const reason = hides || !isGranted(column, scopes) ? 'scope' : errorOf(column, errors);
    if (reason !== null) {
      withheld.push(title);
      name(named, `${table}.${title}`, reason);
    }
    if (reason === null && column.sources.some((source) => isAbsent(node, pathOf(source))))
      throw new Untold(`${table}.${title}: Shopify answered without the field`);
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
      const reason = reasonOf(errors);
      if (reason === null) throw new Untold(`${set.table}: Shopify answered no list, and no error`);
      name(named, `${set.table}.*`, reason);
      continue;
    }
    const decoded = list.map((child, i) => {
      const inner = { scopes: withholding.scopes, errors: underChild(set, errors, i) };
      return decodeChild(set, child, inner, named, parentId);
    });
    children[set.table] = inOrder(decoded);
  }
  return children;
}

function decodeChild(
  set: ChildSet,
  node: Json,
  withholding: Withholding,
  named: Named,
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
