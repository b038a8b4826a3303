import { app } from '@azure/functions';
import { queueHandler } from '../src/deadline.ts';
import { boundedBody } from '../src/door.ts';
import type { Service } from '../src/service.ts';
import { hostTrace } from '../src/telemetry.ts';
import { markSignal } from './marking.ts';
import { BODY_BYTES_MAX, receive, tooLarge } from './receive.ts';
import { signal } from './signal.ts';

/** The doors of detector 1. `service` is asked at each call, so that registering never fails. */
export function registerWebhooks(service: () => Promise<Service>): void {
  app.http('ShopifyWebhook', {
    route: 'webhooks/shopify',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request, context) => {
      const body = await boundedBody(request, BODY_BYTES_MAX);
      const present = await service();
      const { status, reason } =
        body === null
          ? tooLarge(present)
          : await present.telemetry.within(hostTrace(context), () => receive(present, request.headers, body));
      return status === 200 ? { status } : { status, body: reason };
    },
  });

  app.storageQueue('SignalWorker', {
    queueName: 'signals',
    connection: 'AzureWebJobsStorage',
    handler: queueHandler(service, 'signals', signal, markSignal),
  });
}
