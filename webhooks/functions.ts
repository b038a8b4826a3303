import { app } from '@azure/functions';
import { queueHandler } from '../src/deadline.ts';
import { boundedBody } from '../src/door.ts';
import type { Service } from '../src/service.ts';
import { markSignal } from './marking.ts';
import { BODY_BYTES_MAX, receive } from './receive.ts';
import { signal } from './signal.ts';

/** The doors of detector 1. `service` is asked at each call, so that registering never fails. */
export function registerWebhooks(service: () => Promise<Service>): void {
  app.http('ShopifyWebhook', {
    route: 'webhooks/shopify',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
      const body = await boundedBody(request, BODY_BYTES_MAX);
      if (body === null) return { status: 413, body: 'body larger than 5 MiB' };
      const { status, reason } = await receive(await service(), request.headers, body);
      return status === 200 ? { status } : { status, body: reason };
    },
  });

  app.storageQueue('SignalWorker', {
    queueName: 'signals',
    connection: 'AzureWebJobsStorage',
    handler: queueHandler(service, 'signals', signal, markSignal),
  });
}
