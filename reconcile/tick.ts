import { announcing } from '../src/errand.ts';
import { redrivePoison } from '../src/poison.ts';
import type { Service } from '../src/service.ts';
import { payContent } from '../src/shop-noted.ts';
import { certify } from './certify.ts';
import { tellStandings } from './standings.ts';

/**
 * Every minute: tries poisoned messages again, rings for whatever is due, has change events sent, starts stalled runs
 * again, has open privacy requests worked on, enqueues the censuses that stores owe, mends the links, completes certificates. It refreshes nothing itself.
 * Whatever a crash, a lost message or a lost wake-up left behind is found here.
 */
const STALLED_MS = 15 * 60_000;
const LINKS_PER_TICK = 5_000;
const KEEP_MS = 30 * 24 * 3_600_000;

export async function tick(service: Service): Promise<void> {
  const { database, doorbells, queues, directory, outbox, log } = service;
  await redrivePoison(service);
  for (const { storeId, entity } of await database.dueDoorbells()) await doorbells.ring(storeId, entity);
  if (outbox !== null)
    for (const storeId of await database.storesWithEvents())
      await queues.send('errands', announcing(storeId));
  for (const run of await database.stalledRuns(STALLED_MS)) {
    if (run.kind === 'refresh') continue;
    log('runStalled', { StoreId: run.storeId, Entity: run.entity, Kind: run.kind, RunId: run.id });
    await database.finishRun(run.id, { state: 'failed', message: 'stalled: started again' });
    // What a share of the rows left out, the next census makes up for.
    if (run.kind === 'slice') continue;
    await queues.send('sweeps', {
      storeId: run.storeId,
      entity: run.entity,
      kind: run.kind === 'backfill' ? 'census' : run.kind,
    });
  }
  for (const requestId of await database.duePrivacyRequests())
    await queues.send('privacy', { privacy: 'work', requestId });
  for (const store of await directory.all()) {
    if (!store.active) continue;
    await database.linkAll(store.id, LINKS_PER_TICK);
    await payContent(service, store);
    await certify(service, store.id);
  }
  await tellStandings(service);
  await database.purge(KEEP_MS);
}
