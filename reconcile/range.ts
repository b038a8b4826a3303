import type { Entity } from '../src/entities/entity.ts';
import { isEntityName } from '../src/entities/registry.ts';
import { BrokenList, NeedsAttention, Reject } from '../src/failures.ts';
import { compareIds } from '../src/ids.ts';
import type { CensusPosition } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import { type Head, type HeadPage, headPage } from '../src/shopify/heads.ts';
import type { Store } from '../src/store.ts';

/**
 * A range of ids as Shopify lists it: two pages of heads, so that the statements which compare them with the mirror
 * and save the position are shared by 500 ids.
 */
export interface HeadRange {
  readonly heads: readonly Head[];
  /** Null after the last range. */
  readonly cursor: string | null;
  /** Behind its last head; null without heads. */
  readonly endCursor: string | null;
  /** Shopify's time of the first request, and of the last. */
  readonly sentAt: number;
  readonly lastAt: number;
  readonly points: number;
  /** Parts of it that came through the search index, as `(after..through]`. */
  readonly byIndex: readonly string[];
}

type Deps = Pick<Service, 'log'>;
type Place = Pick<CensusPosition, 'cursor' | 'throughId'>;

export async function nextRange(
  deps: Deps,
  api: AdminApi,
  store: Store,
  entity: Entity,
  place: Place,
): Promise<HeadRange> {
  const first = await pageAt(deps, api, store, entity, place);
  if (first.cursor === null) return first;
  const throughId = first.heads.at(-1)?.id ?? place.throughId;
  const second = await pageAt(deps, api, store, entity, { cursor: first.cursor, throughId });
  const [next] = second.heads;
  if (next !== undefined && throughId !== null && compareIds(next.id, throughId) <= 0)
    throw new BrokenList(`the pages of Shopify's list of ${entity.name} repeat, or are out of order`);
  return movesOn(entity, place, {
    heads: [...first.heads, ...second.heads],
    cursor: second.cursor,
    endCursor: second.endCursor ?? first.endCursor,
    sentAt: first.sentAt,
    lastAt: second.lastAt,
    points: first.points + second.points,
    byIndex: [...first.byIndex, ...second.byIndex],
  });
}

/**
 * A range begins before the position where the process died in the middle of comparing it, but with more to come it
 * ends behind it: else the walk would never end.
 */
function movesOn({ name }: Entity, { throughId }: Place, range: HeadRange): HeadRange {
  const last = range.heads.at(-1);
  if (
    range.cursor !== null &&
    last !== undefined &&
    throughId !== null &&
    compareIds(last.id, throughId) <= 0
  )
    throw new BrokenList(`Shopify's list of ${name} came back to ids before ${throughId}`);
  return range;
}

/** By cursor; a cursor that Shopify no longer takes is replaced by the last id, through the search index. */
async function pageAt(
  deps: Deps,
  api: AdminApi,
  store: Store,
  entity: Entity,
  { cursor: after, throughId }: Place,
): Promise<HeadRange> {
  try {
    return rangeOf(await headPage(api, store, entity, { sortKey: 'ID', after, query: null }), []);
  } catch (error) {
    const lost = error instanceof Reject && !(error instanceof NeedsAttention) && after !== null;
    if (!lost) throw error;
    if (isEntityName(entity.name)) deps.log('cursorLost', { StoreId: store.id, Entity: entity.name });
    const query = `id:>${throughId ?? '0'}`;
    const page = await headPage(api, store, entity, { sortKey: 'ID', after: null, query });
    const through = page.cursor === null ? '' : (page.heads.at(-1)?.id ?? '');
    return rangeOf(page, [`(${throughId ?? '0'}..${through}]`]);
  }
}

const rangeOf = (page: HeadPage, byIndex: readonly string[]): HeadRange => ({
  ...page,
  lastAt: page.sentAt,
  byIndex,
});
