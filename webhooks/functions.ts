import { app } from '@azure/functions';
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
      const declared = Number(request.headers.get('content-length') ?? 0);
      if (declared > BODY_BYTES_MAX) return { status: 413, body: 'body larger than 5 MiB' };
      const body = new Uint8Array(await request.arrayBuffer());
      const { status, reason } = await receive(await service(), request.headers, body);
      return status === 200 ? { status } : { status, body: reason };
    },
  });

  app.storageQueue('SignalWorker', {
    queueName: 'signals',
    connection: 'AzureWebJobsStorage',
    handler: async (message) => markSignal(await service(), signal.parse(message)),
  });
}
