import type { EntityName } from './entities/registry.ts';
import type { Service } from './service.ts';

/** Longer than it takes to create all subscriptions, or to rename a store. */
const CATCH_UP_AFTER_MS = 60_000;

/**
 * Nothing was heard of these entities: what happened meanwhile is swept, and deletions only a census can see. It is
 * enqueued before what was wrong is mended, so that a process that dies in between does not owe it for ever.
 */
export async function catchUp(
  { database, queues }: Pick<Service, 'database' | 'queues'>,
  storeId: number,
  entities: readonly EntityName[],
): Promise<void> {
  for (const entity of entities) {
    const { watermark } = await database.syncState(storeId, entity);
    if (watermark === null) continue;
    for (const kind of ['sweep', 'census'])
      await queues.send('sweeps', { storeId, entity, kind }, { delayMs: CATCH_UP_AFTER_MS });
  }
}
