import type { Service } from '../src/service.ts';
import type { Owed, Signal } from './signal.ts';

/**
 * What a body that Shopify has cut owes: a sweep, or what finds it where `updatedAt` does not move. It begins later than
 * the deliveries that it is owed to, so one answers for all that come before it; a body that is replayed a thousand times
 * costs one sweep a minute, and one census or content census a day.
 */
type Deps = Pick<Service, 'database' | 'directory' | 'queues' | 'clock' | 'log'>;

const SWEEP_AFTER_MS = 60_000;
const CENSUS_EVERY_MS = 24 * 3_600_000;

/** What waits in the queue already, by process: the store's settings say it to the others, a little later. */
const dueAt = new WeakMap<Deps['database'], Map<string, number>>();

export async function owe(deps: Deps, storeId: number, { owes, topic }: Signal): Promise<void> {
  const known = dueAt.get(deps.database) ?? new Map<string, number>();
  dueAt.set(deps.database, known);
  for (const owed of owes ?? []) await oweOne(deps, storeId, owed, topic, known);
}

async function oweOne(
  { database, directory, queues, clock, log }: Deps,
  storeId: number,
  { entity, kind }: Owed,
  topic: string,
  known: Map<string, number>,
): Promise<void> {
  const store = await directory.byId(storeId);
  if (store === null) return;
  const name = `${entity}/${kind}`;
  const key = `${storeId}:${name}`;
  const now = clock();
  const last = Math.max(known.get(key) ?? 0, store.settings.owed[name] ?? 0);
  if (last > now) return;
  const delayMs = kind === 'sweep' ? SWEEP_AFTER_MS : Math.max(SWEEP_AFTER_MS, last + CENSUS_EVERY_MS - now);
  known.set(key, now + delayMs);
  try {
    await queues.send('sweeps', { storeId, entity, kind }, { delayMs });
  } catch (error) {
    known.delete(key);
    throw error;
  }
  log('bodyCut', { StoreId: storeId, Topic: topic, Entity: entity, Kind: kind });
  const others = (await database.stores()).find(({ id }) => id === storeId)?.settings.owed ?? {};
  await database.updateSettings(storeId, { owed: { ...others, [name]: now + delayMs } });
}
