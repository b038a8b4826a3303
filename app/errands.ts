import type { Errand } from '../src/errand.ts';
import type { Service } from '../src/service.ts';

/** Carries out one errand. What is left to do is enqueued again before this returns. */
export async function doErrand(service: Service, errand: Errand): Promise<void> {
  const store = await service.directory.byId(errand.storeId);
  if (store === null) return;
  switch (errand.errand) {
    case 'announce': {
      // Also of a store that is not active: what happened before has happened.
      const end = await service.outbox?.dispatch(store);
      if (end === 'more') await service.queues.send('errands', errand);
      return;
    }
  }
}
