import { app, type HttpRequest } from '@azure/functions';
import type { Access } from '../src/access.ts';
import { queueHandler } from '../src/deadline.ts';
import { operatorHandler } from '../src/door.ts';
import { privacyMessage } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import { answerPrivacy } from './carry-out.ts';
import { askByHand, showRequests } from './manual.ts';

/** A customer may have a thousand orders. */
const REQUEST_BYTES_MAX = 64 * 1024;

/** The doors of privacy: the worker, and the operator's own. Shopify's requests come in by the door of all webhooks. */
export function registerPrivacy(service: () => Promise<Service>, access: Access): void {
  app.storageQueue('PrivacyWorker', {
    queueName: 'privacy',
    connection: 'AzureWebJobsStorage',
    handler: queueHandler(service, 'privacy', privacyMessage, answerPrivacy),
  });

  app.http('PrivacyFunction', {
    route: 'privacy',
    methods: ['GET', 'POST'],
    authLevel: access.authLevel,
    handler: operatorHandler(access, REQUEST_BYTES_MAX, async (request: HttpRequest, json) => {
      const present = await service();
      return request.method === 'GET'
        ? await showRequests(present, request.query.get('store'))
        : await askByHand(present, json);
    }),
  });
}
