import { ENTITY_NAMES } from '../src/entities/registry.ts';
import type { Errand } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { confirmUninstall } from '../webhooks/life-cycle.ts';
import { attend } from './upkeep.ts';

/** Carries out one errand. What is left to do, or could not be done now, is enqueued again before this returns. */
export async function doErrand(service: Service, errand: Errand): Promise<void> {
  try {
    await attempt(service, errand);
  } catch (error) {
    // Of the database alone: one that has to be mended by hand costs delay too (R4).
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    service.log('errandPostponed', { StoreId: errand.storeId, Errand: errand.errand, Cause: error.message });
    // Change events are announced again by the tick.
    if (errand.errand !== 'announce') await later(service, errand);
  }
}

async function attempt(service: Service, errand: Errand): Promise<void> {
  const store = await service.directory.byId(errand.storeId);
  if (store === null) return;
  switch (errand.errand) {
    case 'announce': {
      // Also of a store that is not active: what happened before has happened.
      const end = await service.outbox?.dispatch(store);
      if (end === 'more') await service.queues.send('errands', errand);
      return;
    }
    case 'uninstalled':
      return await confirmUninstall(service, store, errand);
    case 'unheard':
      if (store.active) return await hearAfterAll(service, store);
      await service.database.countUnheard(store.id);
      return await lookEarly(service, store);
  }
}

/** It was resumed meanwhile: whoever turned the delivery away did not know that yet. */
async function hearAfterAll({ queues }: Service, { id: storeId }: Store): Promise<void> {
  for (const entity of ENTITY_NAMES) await queues.send('sweeps', { storeId, entity, kind: 'sweep' });
}

/** However many deliveries come. */
const LOOK_EARLY_MS = 5 * 60_000;

/**
 * Whoever delivers for a disconnected store believes that the app is installed. That resumes nothing, but it is a reason to
 * try the credentials before their next time; what keeps it from being done now is left to that.
 */
async function lookEarly(service: Service, store: Store): Promise<void> {
  if (store.rest?.why !== 'disconnected') return;
  try {
    if (await service.database.takeLook(store.id, LOOK_EARLY_MS)) await attend(service, store);
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    service.log('errandPostponed', { StoreId: store.id, Errand: 'unheard', Cause: error.message });
  }
}

const FIRST_DELAY_MS = 30_000;
const DELAY_MAX_MS = 15 * 60_000;

/** However often, at growing distances: a database or Shopify may be away for hours. */
async function later(
  { queues }: Service,
  errand: Exclude<Errand, { readonly errand: 'announce' }>,
): Promise<void> {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(errand.attempt, 10), DELAY_MAX_MS);
  await queues.send('errands', { ...errand, attempt: errand.attempt + 1 }, { delayMs });
}
