import { Reject, Transient } from '../src/failures.ts';
import {
  NEAR_MS,
  type PrivacyCertificate,
  type PrivacyMessage,
  type PrivacyRequest,
  type PrivacyTopic,
} from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';
import { exportHeld } from './held-data.ts';
import { forgetExports, removeStale } from './held-exports.ts';
import { erasePerson } from './person.ts';
import { eraseShop } from './shop.ts';
import type { Done, Step, Work } from './step.ts';

/**
 * The worker of compliance requests. A request is recorded, then worked on in slices until it has a certificate; what
 * stops it is said in its message and it is tried again by the tick, until it is done. Every step is a transaction of
 * its own and can be repeated, so a worker may die between any two.
 */
const SLICE_MS = 4 * 60_000;
/** Longer than a slice: if it runs out, the worker is dead. */
const LEASE_MS = 10 * 60_000;
const FIRST_DELAY_MS = 30_000;
const DELAY_MAX_MS = 15 * 60_000;

const delayAfter = (attempts: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts, 10), DELAY_MAX_MS);

export async function answerPrivacy(service: Service, message: PrivacyMessage): Promise<void> {
  if (message.privacy === 'work') return await carryOut(service, message.requestId);
  let requestId: number;
  try {
    requestId = await service.database.recordPrivacyRequest(message.asked);
  } catch (error) {
    // As with signals: an outage of the database costs delay, not the request (R4).
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    const delayMs = delayAfter(message.attempt);
    service.log('privacyNotRecorded', { Cause: error.message, DelayMs: delayMs });
    await service.queues.send('privacy', { ...message, attempt: message.attempt + 1 }, { delayMs });
    return;
  }
  await carryOut(service, requestId);
}

const BY_TOPIC: Readonly<Record<PrivacyTopic, (work: Work) => Promise<Step>>> = {
  CUSTOMERS_DATA_REQUEST: exportHeld,
  CUSTOMERS_REDACT: erasePerson,
  SHOP_REDACT: eraseShop,
};

async function carryOut(service: Service, requestId: number): Promise<void> {
  let request: PrivacyRequest | null = null;
  try {
    request = await service.database.takePrivacyRequest(requestId, LEASE_MS);
    if (request !== null) await workOn(service, request);
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    await hold(service, requestId, request, error.message);
  }
}

async function workOn(service: Service, request: PrivacyRequest): Promise<void> {
  const { database, monotonic, queues } = service;
  const endsAt = monotonic() + SLICE_MS;
  const work: Work = { service, request, isOver: () => monotonic() >= endsAt };
  const step = await BY_TOPIC[request.topic](work);
  switch (step.state) {
    case 'more':
      await database.putOffPrivacyRequest(request.id, 0, null);
      await queues.send('privacy', { privacy: 'work', requestId: request.id });
      return;
    case 'later':
      return await database.putOffPrivacyRequest(request.id, step.inMs, null);
    case 'refused':
      service.log('privacyRefused', {
        StoreId: request.storeId,
        RequestId: request.id,
        Cause: step.message,
      });
      return await database.endPrivacyRequest(request.id, {
        ...{ state: 'refused', message: step.message, exportName: null, subject: null, certificate: null },
      });
    case 'done':
      return await conclude(work, step);
  }
}

async function conclude(work: Work, done: Done): Promise<void> {
  const { service, request } = work;
  const { message, subject, written } = done;
  await service.database.endPrivacyRequest(request.id, {
    ...{ state: 'done', message, subject, exportName: written },
    certificate: certificateOf(work, done),
  });
  service.log('privacyCarriedOut', {
    StoreId: request.storeId,
    RequestId: request.id,
    Topic: request.topic,
  });
  if (written === null) await forgetExports(service, done.exports);
  else await removeStale(service);
}

const certificateOf = ({ service, request }: Work, { subject, rows, exports }: Done): PrivacyCertificate => ({
  topic: request.topic,
  shopId: request.shopId,
  subject,
  receivedAt: new Date(request.receivedAt).toISOString(),
  completedAt: new Date(service.clock()).toISOString(),
  rows,
  exports,
});

/** What it lacks is said in the store's status; a database that is away is asked again when the lease runs out. */
async function hold(
  { database, clock, log }: Service,
  requestId: number,
  request: PrivacyRequest | null,
  message: string,
): Promise<void> {
  const isNear = request !== null && request.dueAt - clock() < NEAR_MS;
  log(isNear ? 'privacyNear' : 'privacyWaits', { RequestId: requestId, Cause: message });
  if (request === null) return;
  try {
    await database.putOffPrivacyRequest(requestId, delayAfter(request.attempts - 1), message);
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
  }
}
