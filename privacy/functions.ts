import { app } from '@azure/functions';
import { privacyMessage } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import { answerPrivacy } from './carry-out.ts';
import { askByHand, showRequests } from './manual.ts';

/** The doors of privacy: the worker, and the operator's own. Shopify's requests come in by the door of all webhooks. */
export function registerPrivacy(service: () => Promise<Service>): void {
  app.storageQueue('PrivacyWorker', {
    queueName: 'privacy',
    connection: 'AzureWebJobsStorage',
    handler: async (message) => answerPrivacy(await service(), privacyMessage.parse(message)),
  });

  app.http('PrivacyFunction', {
    route: 'privacy',
    methods: ['GET', 'POST'],
    authLevel: 'function',
    handler: async (request) => {
      const present = await service();
      const { status, body } =
        request.method === 'GET'
          ? await showRequests(present, request.query.get('store'))
          : await askByHand(present, await request.json().catch(() => null));
      return { status, jsonBody: body };
    },
  });
}
