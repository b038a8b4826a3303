import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { linkPaths, mirrorTableOf, withChildren } from './mirror-tables.ts';

/**
 * Every table with rows of a store, in an order in which they can be deleted: rows that point before those they point
 * to, so that no delete is refused, and none takes uncounted rows along.
 *
 * Requests stay: their certificates are what is left of a store. Which tables have a StoreId is the schema's to say,
 * so that a new one cannot be forgotten.
 */
export function erasureOrder(tables: readonly string[]): readonly string[] {
  const mirror = mirrorOrder();
  const machinery = tables.filter(
    (name) => !mirror.includes(name) && !KEPT.has(name) && !LAST.includes(name),
  );
  return [...machinery, ...mirror, ...LAST];
}

/** Who must never return stays for as long as the store may be resumed, which ends its erasure. */
const LAST: readonly string[] = ['Suppressions', 'Stores'];
const KEPT = new Set(['PrivacyRequests']);

/** Children before parents, and among entities the one that links to another before that other. */
function mirrorOrder(): readonly string[] {
  const placed: string[] = [];
  const left = new Set<string>(ENTITY_NAMES);
  const pointsTo = new Map(ENTITY_NAMES.map((name) => [name as string, new Set<string>()]));
  for (const { filled, source } of linkPaths())
    if (filled.entity !== source.entity) pointsTo.get(filled.entity)!.add(source.entity);
  while (left.size > 0) {
    const free = [...left].find((name) => ![...left].some((other) => pointsTo.get(other)!.has(name)));
    if (free === undefined)
      throw new Error('Entities link to each other in a circle: break it in their links.');
    left.delete(free);
    placed.push(free);
  }
  return placed.flatMap((name) => {
    const entity = ENTITY_NAMES.find((each) => each === name)!;
    return withChildren(mirrorTableOf(entityOf(entity)))
      .map((table) => table.name)
      .toReversed();
  });
}
