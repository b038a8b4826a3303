import type { Database } from './database.ts';
import type { EntityName } from './entities/registry.ts';
import type { Store } from './store.ts';
import type { Judged } from './verdict.ts';

/**
 * R10's brake. A lost scope or a wrong token makes everything look deleted. When more than 20 % of an entity's
 * live rows, and more than 100, would be buried without any delivery having announced it, nothing is buried until
 * an operator releases it. Announced deletions are never held up.
 */
export const trips = (burials: number, live: number): boolean => burials > 100 && burials > 0.2 * live;

/** An operator's release lasts this long, whatever the censuses find meanwhile. */
export const RELEASE_MS = 24 * 3_600_000;
export const isReleased = ({ settings }: Store, entity: EntityName, now: number): boolean =>
  now < (settings.brakeReleased[entity] ?? 0);

/** How long a braked key waits before it is looked at again. */
const BRAKED_MS = 15 * 60_000;

/** The verdicts with their unannounced burials taken out where the brake holds; those keys stay marked. */
export async function brakeBurials(
  now: number,
  database: Database,
  store: Store,
  entity: EntityName,
  judged: readonly Judged[],
): Promise<readonly Judged[]> {
  const isBurial = ({ verdict: { row } }: Judged) => row.do === 'bury' && !row.announced;
  const burials = judged.filter(isBurial).length;
  if (burials === 0 || isReleased(store, entity, now)) return judged;
  const isHeld = store.settings.brakeHeld.includes(entity);
  const { live, buriedLastHour } = await database.burialFacts(store.id, entity);
  if (!isHeld && !trips(burials + buriedLastHour, live + buriedLastHour)) return judged;
  await holdBrake(database, store.id, entity);
  return judged.map((each) => (isBurial(each) ? held(each) : each));
}

/** Once held, the brake holds until an operator releases it. The list is read anew: other entities write it too. */
export async function holdBrake(database: Database, storeId: number, entity: EntityName): Promise<void> {
  const store = (await database.stores()).find(({ id }) => id === storeId);
  const standing = store?.settings.brakeHeld ?? [];
  if (!standing.includes(entity))
    await database.updateSettings(storeId, { brakeHeld: [...standing, entity] });
}

const held = ({ verdict, reject }: Judged): Judged => ({
  verdict: {
    ...verdict,
    row: { do: 'leave' },
    mark: {
      do: 'keep',
      dueInMs: BRAKED_MS,
      firstNullAt: null,
      firstLiveAt: null,
      attempts: 0,
      excusesBefore: null,
    },
    proven: false,
  },
  outcome: 'deferred',
  reject,
});
