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

/** How long a braked key waits before it is looked at again. */
const BRAKED_MS = 15 * 60_000;

/** The verdicts with their unannounced burials taken out where the brake holds; those keys stay marked. */
export async function brakeBurials(
  database: Database,
  store: Store,
  entity: EntityName,
  judged: readonly Judged[],
): Promise<readonly Judged[]> {
  const isBurial = ({ verdict: { row } }: Judged) => row.do === 'bury' && !row.announced;
  const burials = judged.filter(isBurial).length;
  if (burials === 0 || store.settings.brakeReleased.includes(entity)) return judged;
  const { live, buriedLastHour } = await database.burialFacts(store.id, entity);
  if (!trips(burials + buriedLastHour, live + buriedLastHour)) return judged;
  const brakeHeld = [...new Set([...store.settings.brakeHeld, entity])];
  await database.updateSettings(store.id, { brakeHeld });
  return judged.map((each) => (isBurial(each) ? held(each) : each));
}

const held = ({ verdict, reject }: Judged): Judged => ({
  verdict: {
    ...verdict,
    row: { do: 'leave' },
    mark: { do: 'keep', dueInMs: BRAKED_MS, firstNullAt: null, firstLiveAt: null, attempts: 0 },
    proven: false,
  },
  outcome: 'deferred',
  reject,
});
