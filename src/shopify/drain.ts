import { z } from 'zod';
import type { FieldPath } from '../entities/decode.ts';
import type { ChildSet, Entity } from '../entities/entity.ts';
import { Reject } from '../failures.ts';
import type { Store } from '../store.ts';
import type { AdminApi } from './admin.ts';
import { readChildren, type Scopes } from './documents.ts';
import { assertShop } from './shop.ts';

/**
 * Draining an object's nested connections. Each later page also asks the root's `updatedAt`: if it moved, page one
 * and page two are of different versions, and nothing is written; the mark stays and the key is read again.
 */
export interface Drained {
  /** The object with complete children; null when it kept moving. */
  readonly node: Json | null;
  readonly errors: readonly FieldPath[];
  readonly points: number;
}

type Json = Readonly<Record<string, unknown>>;
type Spent = { points: number; readonly errors: FieldPath[] };

/** 2,048 variants, the most a product has, are 9 pages; an order's lines are fewer. */
const PAGES_MAX = 40;
const LIST_MAX = 250;

const page = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(z.record(z.string(), z.unknown())),
});

class Moved extends Error {}

export async function drain(
  api: AdminApi,
  store: Store,
  entity: Entity,
  node: Json,
  scopes: Scopes,
): Promise<Drained> {
  const spent: Spent = { points: 0, errors: [] };
  const morePages: MorePages = (parentType, set, at) => async (id, after, offset) => {
    const answer = await api.query(readChildren(entity, parentType, set, scopes), {
      root: node['id'],
      id,
      ...(set.shape === 'connection' ? { after } : {}),
    });
    assertShop(answer, store);
    spent.points += answer.points;
    for (const { path } of answer.errors)
      spent.errors.push([...at, set.field, ...shifted(path.slice(2), offset)]);
    const root = answer.data['root'] as Json | null;
    const parent = answer.data['parent'] as Json | null;
    // Also where the page is another object's, or the parent has gone: whatever it is, it does not belong to page one.
    if (root?.['id'] !== node['id'] || root?.['updatedAt'] !== node['updatedAt']) throw new Moved();
    if (parent?.['id'] !== id) throw new Moved();
    return parent[set.field];
  };
  try {
    return { node: await complete(entity.type, entity.children, node, [], morePages), ...spent };
  } catch (error) {
    if (error instanceof Moved) return { node: null, ...spent };
    throw error;
  }
}

/** Reads on: from a cursor (null for a whole list); `offset` children of the list are known already. */
type More = (id: string, after: string | null, offset: number) => Promise<unknown>;
type MorePages = (parentType: string, set: ChildSet, at: FieldPath) => More;

/** An error's index inside a later page, counted in the whole list. */
const shifted = ([nodes, index, ...rest]: FieldPath, offset: number): FieldPath =>
  nodes === 'nodes' && typeof index === 'number'
    ? ['nodes', index + offset, ...rest]
    : [nodes, index, ...rest].filter((step) => step !== undefined);

/** The object with every list of it whole, recursively. Lists that fitted their first page cost nothing. */
async function complete(
  type: string,
  sets: readonly ChildSet[],
  node: Json,
  at: FieldPath,
  morePages: MorePages,
): Promise<Json> {
  const whole: Record<string, unknown> = { ...node };
  for (const set of sets) {
    const value = node[set.field];
    if (value === null || value === undefined) continue;
    const more = morePages(type, set, at);
    const isConnection = set.shape === 'connection';
    const list = isConnection ? await allPages(value, node, more) : await wholeList(set, value, node, more);
    const children: Json[] = [];
    for (const [i, child] of list.entries()) {
      const path = [...at, set.field, ...(isConnection ? ['nodes', i] : [i])];
      children.push(
        set.children.length ? await complete(set.type, set.children, child, path, morePages) : child,
      );
    }
    whole[set.field] = isConnection ? { nodes: children } : children;
  }
  return whole;
}

async function allPages(first: unknown, parent: Json, more: More): Promise<readonly Json[]> {
  const nodes: Json[] = [];
  const ids = new Set<unknown>();
  let current = first;
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const parsed = page.safeParse(current);
    if (!parsed.success) throw new Reject('Shopify answered a malformed page of a nested list');
    const { hasNextPage, endCursor } = parsed.data.pageInfo;
    const isAgain = parsed.data.nodes.some(({ id }) => typeof id === 'string' && ids.has(id));
    if (isAgain) throw new Reject('the pages of a nested list repeat');
    for (const { id } of parsed.data.nodes) ids.add(id);
    nodes.push(...parsed.data.nodes);
    if (!hasNextPage) return nodes;
    if (endCursor === null || endCursor === after)
      throw new Reject('the cursor of a nested list does not move');
    after = endCursor;
    current = await more(String(parent['id']), endCursor, nodes.length);
  }
  throw new Reject(`an object has more than ${PAGES_MAX * 250} children`);
}

/** A list without a cursor that came back full may have more: ask for the most there can be. */
async function wholeList(set: ChildSet, value: unknown, parent: Json, more: More): Promise<readonly Json[]> {
  const list = value as readonly Json[];
  if (list.length < set.first) return list;
  const all = (await more(String(parent['id']), null, 0)) as readonly Json[] | null | undefined;
  if (!Array.isArray(all)) throw new Reject(`Shopify answered no list of ${set.field}`);
  if (all.length >= LIST_MAX)
    throw new Reject(`an object has ${LIST_MAX} ${set.field} or more: its list is cut off`);
  return all;
}
