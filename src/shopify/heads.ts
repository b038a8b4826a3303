import { z } from 'zod';
import { timeOrNone } from '../doubtful-time.ts';
import { countedSets, type Entity } from '../entities/entity.ts';
import { BrokenList, OtherSight, Transient } from '../failures.ts';
import { compareIds, idOfGid } from '../ids.ts';
import type { Store } from '../store.ts';
import { hidesTheOld } from '../visibility.ts';
import type { AdminApi, Answer } from './admin.ts';
import { PLACELESS } from './answered.ts';
import { countObjects, listHeads } from './documents.ts';
import { assertShop } from './shop.ts';

/** A head is (id, updatedAt) of a live object: the cheapest thing Shopify returns, about 13 points for 250. */
export interface Head {
  readonly id: string;
  /** `NO_TIME` where Shopify told none that can be. */
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
// One head without a time must not cost the page of all others (R16).
const time = z.unknown().transform(timeOrNone);
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
  assertSight(answer, store, entity);
  const parsed = connection.safeParse(answer.data[entity.name]);
  if (!parsed.success) throw new Transient(`Shopify answered no list of ${entity.name}`);
  // What it took from the list nobody can tell: neither what is missing nor what is listed proves anything.
  if (!answer.errors.every((error) => isOfCount(entity, answer, error))) throw new Transient(PLACELESS);
  const { pageInfo, nodes } = parsed.data;
  const heads = nodes.map(({ id: text, createdAt, updatedAt, ...fields }) => {
    const id = idOfGid(text, entity.type);
    if (id === null) throw new BrokenList(`Shopify answered an id of no ${entity.type} among ${entity.name}`);
    return { id, createdAt, updatedAt, childCounts: childCounts(entity, fields) };
  });
  assertList(entity, page, heads, pageInfo);
  return {
    heads,
    cursor: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    endCursor: pageInfo.endCursor,
    sentAt: answer.sentAt,
    points: answer.points,
  };
}

const installation = z.object({ accessScopes: z.array(z.object({ handle: z.string() })) });

/**
 * A list from which old objects are hidden looks like any other. So each says what the app might see when it was made: a
 * scope that has gone or come since the hourly look is noticed before anything is concluded (R15).
 */
function assertSight({ data }: Answer, store: Store, entity: Entity): void {
  if (!entity.windowed) return;
  const parsed = installation.safeParse(data['currentAppInstallation']);
  if (!parsed.success) throw new Transient(`Shopify answered ${entity.name} without the app's scopes`);
  const scopes = parsed.data.accessScopes.map(({ handle }) => handle);
  if (hidesTheOld(entity, { settings: { scopes } }) === hidesTheOld(entity, store)) return;
  throw new OtherSight(`the app sees other ${entity.name} than an hour ago, by its scopes`);
}

/** An error that took the number of an object's children, and nothing else. */
function isOfCount(entity: Entity, { data }: Answer, { path }: Answer['errors'][number]): boolean {
  const [list, nodes, i, field] = path;
  const isCount = countedSets(entity).some(({ countField }) => countField === field);
  if (list !== entity.name || nodes !== 'nodes' || typeof i !== 'number' || !isCount) return false;
  const parsed = connection.safeParse(data[entity.name]);
  return parsed.success && parsed.data.nodes[i]?.[String(field)] === null;
}

/** What no list does, whatever changes while it is read. Across pages only who walks them can tell. */
function assertList(
  { name }: Entity,
  { sortKey, after }: { readonly sortKey: 'ID' | 'UPDATED_AT'; readonly after: string | null },
  heads: readonly Pick<Head, 'id'>[],
  { hasNextPage, endCursor }: z.output<typeof connection>['pageInfo'],
): void {
  if (new Set(heads.map(({ id }) => id)).size < heads.length)
    throw new BrokenList(`Shopify listed one of the ${name} twice on a page`);
  const inOrder = heads.every(({ id }, i) => i === 0 || compareIds(heads[i - 1]!.id, id) < 0);
  if (sortKey === 'ID' && !inOrder)
    throw new BrokenList(`Shopify listed ${name} out of the order of their ids`);
  if (!hasNextPage) return;
  if (endCursor === null) throw new BrokenList(`Shopify says that there are more ${name}, and not where`);
  if (endCursor === after) throw new BrokenList(`the cursor of Shopify's list of ${name} does not move`);
  if (sortKey === 'ID' && heads.length === 0)
    throw new BrokenList(`Shopify says that there are more ${name} behind an empty page`);
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
  assertSight(answer, store, entity);
  const parsed = counted.safeParse(answer.data[entity.countField]);
  const exact = answer.errors.length === 0 && parsed.success && parsed.data.precision === 'EXACT';
  return { count: exact ? parsed.data.count : null, points: answer.points };
}
