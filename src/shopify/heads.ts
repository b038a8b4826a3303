import { z } from 'zod';
import { countedSets, type Entity } from '../entities/entity.ts';
import { Transient } from '../failures.ts';
import { idOfGid } from '../ids.ts';
import type { Store } from '../store.ts';
import type { AdminApi, Answer } from './admin.ts';
import { PLACELESS } from './answered.ts';
import { countObjects, listHeads } from './documents.ts';
import { assertShop } from './shop.ts';

/** A head is (id, updatedAt) of a live object: the cheapest thing Shopify returns, about 13 points for 250. */
export interface Head {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** By child table, where Shopify told an exact number. */
  readonly childCounts: Readonly<Record<string, number>>;
}

export interface HeadPage {
  readonly heads: readonly Head[];
  /** Null after the last page. */
  readonly cursor: string | null;
  /** Behind the last head of the page, whether there are more or not; null for an empty one. */
  readonly endCursor: string | null;
  /** Shopify's time when the page was asked for. */
  readonly sentAt: number;
  readonly points: number;
}

export const HEADS_PER_PAGE = 250;

const counted = z.object({ count: z.int(), precision: z.string() });
const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));
const connection = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(z.looseObject({ id: z.string(), createdAt: time, updatedAt: time })),
});

/** One page of heads; `query` is Shopify's search syntax and goes through its index, without it the list is exact. */
export async function headPage(
  api: AdminApi,
  store: Store,
  entity: Entity,
  page: {
    readonly sortKey: 'ID' | 'UPDATED_AT';
    readonly after: string | null;
    readonly query: string | null;
  },
): Promise<HeadPage> {
  const answer = await api.query(listHeads(entity, page.sortKey), {
    first: HEADS_PER_PAGE,
    after: page.after,
    query: page.query,
  });
  assertShop(answer, store);
  const parsed = connection.safeParse(answer.data[entity.name]);
  if (!parsed.success) throw new Transient(`Shopify answered no list of ${entity.name}`);
  // What it took from the list nobody can tell: neither what is missing nor what is listed proves anything.
  if (!answer.errors.every((error) => isOfCount(entity, answer, error))) throw new Transient(PLACELESS);
  const { pageInfo, nodes } = parsed.data;
  const heads = nodes.map(({ id: text, createdAt, updatedAt, ...fields }) => {
    const id = idOfGid(text, entity.type);
    if (id === null) throw new Transient(`Shopify answered a malformed id among ${entity.name}`);
    return { id, createdAt, updatedAt, childCounts: childCounts(entity, fields) };
  });
  return {
    heads,
    cursor: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    endCursor: pageInfo.endCursor,
    sentAt: answer.sentAt,
    points: answer.points,
  };
}

/** An error that took the number of an object's children, and nothing else. */
function isOfCount(entity: Entity, { data }: Answer, { path }: Answer['errors'][number]): boolean {
  const [list, nodes, i, field] = path;
  const isCount = countedSets(entity).some(({ countField }) => countField === field);
  if (list !== entity.name || nodes !== 'nodes' || typeof i !== 'number' || !isCount) return false;
  const parsed = connection.safeParse(data[entity.name]);
  return parsed.success && parsed.data.nodes[i]?.[String(field)] === null;
}

/** A count that is not exact, or was withheld, says nothing. */
function childCounts(
  entity: Entity,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { table, countField } of countedSets(entity)) {
    const parsed = counted.safeParse(fields[countField]);
    if (parsed.success && parsed.data.precision === 'EXACT') counts[table] = parsed.data.count;
  }
  return counts;
}

/** The exact number of live objects, or null when Shopify would not say exactly. */
export interface Counted {
  readonly count: number | null;
  readonly points: number;
}

export async function exactCount(api: AdminApi, store: Store, entity: Entity): Promise<Counted> {
  const answer = await api.query(countObjects(entity), {});
  assertShop(answer, store);
  const parsed = counted.safeParse(answer.data[entity.countField]);
  const exact = answer.errors.length === 0 && parsed.success && parsed.data.precision === 'EXACT';
  return { count: exact ? parsed.data.count : null, points: answer.points };
}
