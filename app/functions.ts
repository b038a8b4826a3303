import { app } from '@azure/functions';
import { queueHandler } from '../src/deadline.ts';
import { errand } from '../src/errand.ts';
import type { Service } from '../src/service.ts';
import { doErrand } from './errands.ts';

/** The door of what is done for a store beside reading it. */
export function registerErrands(service: () => Promise<Service>): void {
  app.storageQueue('ErrandWorker', {
    queueName: 'errands',
    connection: 'AzureWebJobsStorage',
    handler: queueHandler(service, 'errands', errand, doErrand),
  });
}
