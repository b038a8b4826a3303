import { app } from '@azure/functions';
import type { ScheduleName } from '../src/config.ts';
import { doorbell } from '../src/doorbell.ts';
import { ENTITY_NAMES, type EntityName } from '../src/entities/registry.ts';
import type { Service } from '../src/service.ts';
import { hostTrace } from '../src/telemetry.ts';
import { answer } from './bell.ts';
import { reconcile } from './manual.ts';
import { tick } from './tick.ts';
import { doWork, work } from './work.ts';

/** The doors of detectors 2 and 3, and of the refresh. Timers only enqueue: one message per active store. `upkeep` goes with each tick. */
export function registerReconciliation(
  service: () => Promise<Service>,
  schedules: Readonly<Record<ScheduleName, string>>,
  upkeep: (service: Service) => Promise<void>,
): void {
  const enqueueAll = async (entities: readonly EntityName[], kind: 'sweep' | 'census') => {
    const { directory, queues } = await service();
    const stores = (await directory.all()).filter(({ active }) => active);
    for (const store of stores)
      for (const entity of entities) await queues.send('sweeps', { storeId: store.id, entity, kind });
  };

  app.timer('CustomerSyncFunction', {
    schedule: schedules.CUSTOMER_SYNC_CRON,
    handler: () => enqueueAll(['customers'], 'sweep'),
  });
  app.timer('ProductSyncFunction', {
    schedule: schedules.PRODUCT_SYNC_CRON,
    handler: () => enqueueAll(['products'], 'sweep'),
  });
  app.timer('OrderSyncFunction', {
    schedule: schedules.ORDER_SYNC_CRON,
    handler: () => enqueueAll(['orders'], 'sweep'),
  });
  app.timer('CensusFunction', {
    schedule: schedules.CENSUS_CRON,
    handler: () => enqueueAll(ENTITY_NAMES, 'census'),
  });
  app.timer('Tick', {
    schedule: schedules.TICK_CRON,
    handler: async () => {
      const present = await service();
      // The tick first: a store that cannot be reached holds up the upkeep for minutes, and nobody else (R7).
      try {
        await tick(present);
      } finally {
        await upkeep(present);
      }
    },
  });

  const connection = 'AzureWebJobsStorage';
  app.storageQueue('RefreshWorker', {
    queueName: 'refresh',
    connection,
    handler: async (message, context) => {
      const present = await service();
      await present.telemetry.within(hostTrace(context), () => answer(present, doorbell.parse(message)));
    },
  });
  app.storageQueue('SweepWorker', {
    queueName: 'sweeps',
    connection,
    handler: async (message, context) => {
      const present = await service();
      await present.telemetry.within(hostTrace(context), () => doWork(present, work.parse(message)));
    },
  });

  app.http('ManualSyncFunction', {
    route: 'reconcile',
    methods: ['POST'],
    authLevel: 'function',
    handler: async (request) => {
      const json = await request.json().catch(() => null);
      const { status, body } = await reconcile(await service(), json);
      return { status, jsonBody: body };
    },
  });
}
