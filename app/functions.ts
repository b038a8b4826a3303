import { app, type HttpResponseInit } from '@azure/functions';
import type { Access } from '../src/access.ts';
import { queueHandler } from '../src/deadline.ts';
import { operatorHandler } from '../src/door.ts';
import { errand } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import { addByHand } from './add-store.ts';
import { doErrand } from './errands.ts';
import { finishInstall, linkToInstall } from './install-store.ts';

/** The door of what is done for a store beside reading it. */
export function registerErrands(service: () => Promise<Service>): void {
  app.storageQueue('ErrandWorker', {
    queueName: 'errands',
    connection: 'AzureWebJobsStorage',
    handler: queueHandler(service, 'errands', errand, doErrand),
  });
}

const CREDENTIALS_BYTES_MAX = 16 * 1024;

/**
 * The doors for stores that come later: an operator adds one, or starts an installation that a merchant's browser
 * ends. The last is open to everybody, and believes only what Shopify and we ourselves have signed.
 */
export function registerStores(service: () => Promise<Service>, access: Access): void {
  app.http('AddStore', {
    route: 'stores',
    methods: ['POST'],
    authLevel: access.authLevel,
    handler: operatorHandler(
      access,
      CREDENTIALS_BYTES_MAX,
      async (_, json) => await addByHand(await service(), json),
    ),
  });

  app.http('InstallStore', {
    route: 'stores/install',
    methods: ['GET'],
    authLevel: access.authLevel,
    handler: async (request) => {
      const refused = access.refusal(request.headers);
      if (refused !== null) return text(refused.status, refused.reason);
      try {
        const location = await linkToInstall(await service(), request.query.get('shop') ?? '');
        return { status: 302, headers: { location, ...PRIVATE } };
      } catch (error) {
        if (error instanceof Transient) return text(503, `not now, try again in a minute: ${error.message}`);
        if (error instanceof Reject) return text(400, error.message);
        throw error;
      }
    },
  });

  app.http('StoreInstalled', {
    route: 'stores/callback',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async (request) => {
      const present = await service();
      try {
        const end = await finishInstall(present, new URL(request.url).searchParams);
        return end.ok
          ? text(200, `${end.domain} is installed. You may close this page.`)
          : text(400, end.why);
      } catch (error) {
        if (!(error instanceof Transient || error instanceof Reject)) throw error;
        // What an operator has to do is for him alone.
        present.log('installNotFinished', { Cause: error.message });
        return text(
          503,
          'The installation cannot be finished now. Open the install link again in a few minutes.',
        );
      }
    },
  });
}

/** Addresses of these doors carry codes and states: they are kept by nobody and told to nobody. */
const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

const text = (status: number, body: string): HttpResponseInit => ({
  status,
  body,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...PRIVATE },
});
