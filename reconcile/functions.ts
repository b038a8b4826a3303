import { app } from '@azure/functions';
import type { Access } from '../src/access.ts';
import { queueHandler, within } from '../src/deadline.ts';
import { operatorHandler } from '../src/door.ts';
import { doorbell } from '../src/doorbell.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import { Transient } from '../src/failures.ts';
import { type ScheduleName, sweepSetting } from '../src/schedules.ts';
import type { Service } from '../src/service.ts';
import { answer } from './bell.ts';
import { reconcile } from './manual.ts';
import { tick } from './tick.ts';
import { doWork, work } from './work.ts';

/** What an operator asks for in a few words. */
const REQUEST_BYTES_MAX = 16 * 1024;

/** The doors of detectors 2 and 3, and of the refresh. Timers only enqueue: one message per active store. `upkeep` goes with each tick. */
export function registerReconciliation(
  service: () => Promise<Service>,
  schedules: Readonly<Record<ScheduleName, string>>,
  access: Access,
  upkeep: (service: Service) => Promise<void>,
): void {
  const enqueueAll = async (entities: readonly EntityName[], kind: 'sweep' | 'census') => {
    const { directory, queues } = await service();
    const stores = (await directory.all()).filter(({ active }) => active);
    for (const store of stores)
      for (const entity of entities) await queues.send('sweeps', { storeId: store.id, entity, kind });
  };

  for (const name of ENTITY_NAMES)
    app.timer(`${entityOf(name).type}SyncFunction`, {
      schedule: schedules[sweepSetting(name)],
      handler: () => enqueueAll([name], 'sweep'),
    });
  app.timer('CensusFunction', {
    schedule: schedules.CENSUS_CRON,
    handler: () => enqueueAll(ENTITY_NAMES, 'census'),
  });
  app.timer('Tick', {
    schedule: schedules.TICK_CRON,
    handler: async () => {
      const present = await service();
      const end = await within(present.alarm, () => everyMinute(present, upkeep));
      if (end === 'late') present.log('tickLate', {});
    },
  });

  const connection = 'AzureWebJobsStorage';
  app.storageQueue('RefreshWorker', {
    queueName: 'refresh',
    connection,
    handler: queueHandler(service, 'refresh', doorbell, answer),
  });
  app.storageQueue('SweepWorker', {
    queueName: 'sweeps',
    connection,
    handler: queueHandler(service, 'sweeps', work, doWork),
  });

  app.http('ManualSyncFunction', {
    route: 'reconcile',
    methods: ['POST'],
    authLevel: access.authLevel,
    handler: operatorHandler(
      access,
      REQUEST_BYTES_MAX,
      async (_, json) => await reconcile(await service(), json),
    ),
  });
}

/** The tick first: a store that cannot be reached holds up the upkeep for minutes, and nobody else (R7). */
async function everyMinute(service: Service, upkeep: (service: Service) => Promise<void>): Promise<void> {
  try {
    await tick(service);
  } catch (error) {
    if (!(error instanceof Transient)) {
      await upkeep(service);
      throw error;
    }
    // Nothing can be noted either: the stores are looked after at the first tick after this.
    service.log('tickLeftOut', { Cause: error.message });
    return;
  }
  await upkeep(service);
}
