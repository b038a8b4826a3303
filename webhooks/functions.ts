import { app } from '@azure/functions';
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
      const declared = Number(request.headers.get('content-length') ?? 0);
      const present = await service();
      const { status, reason } =
        declared > BODY_BYTES_MAX
          ? tooLarge(present)
          : await present.telemetry.within(hostTrace(context), async () =>
              receive(present, request.headers, new Uint8Array(await request.arrayBuffer())),
            );
      return status === 200 ? { status } : { status, body: reason };
    },
  });

  app.storageQueue('SignalWorker', {
    queueName: 'signals',
    connection: 'AzureWebJobsStorage',
    handler: async (message, context) => {
      const present = await service();
      await present.telemetry.within(hostTrace(context), () => markSignal(present, signal.parse(message)));
    },
  });
}
