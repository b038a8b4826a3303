import { z } from 'zod';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Fenced, NeedsAttention, Reject, Transient } from '../src/failures.ts';
import { tellFailure } from '../src/report.ts';
import type { Service } from '../src/service.ts';
import { type CensusEnd, census } from './census.ts';
import { type SweepEnd, sweep } from './sweep.ts';

/** A message of the `sweeps` queue: look through one entity of one store, by one of the two detectors. */
export const work = z.object({
  storeId: z.int(),
  entity: z.enum(ENTITY_NAMES),
  /** `content` is a census that reads every object again. */
  kind: z.enum(['sweep', 'census', 'content']),
  /** Where an interrupted sweep goes on. */
  at: z
    .object({ cursor: z.string(), firstSentAt: z.number(), from: z.number(), deep: z.boolean() })
    .optional(),
});
export type Work = z.output<typeof work>;

/** Well inside the ten minutes that Azure Functions allows; the rest is a message of its own. */
const SLICE_MS = 4 * 60_000;
/** A detector that had to stop is tried again after this, however often: its timer is hours away. */
const RETRY_MS = 30_000;

/** One slice of a sweep or census. What is left, or could not be done now, is enqueued again before this returns. */
export async function doWork(service: Service, message: Work): Promise<void> {
  const { storeId, entity, kind } = message;
  const name = kind === 'sweep' ? 'sweep' : 'census';
  await service.telemetry.span({ name, attributes: { StoreId: storeId, Entity: entity } }, () =>
    slice(service, message),
  );
}

async function slice(service: Service, { storeId, entity, kind, at }: Work): Promise<void> {
  const store = await service.directory.byId(storeId);
  if (store === null || !store.active || store.shopId === null) return;
  const api = service.adminOf(store);
  const deadlineAt = service.clock() + SLICE_MS;
  const again = (delayMs: number, next: Work['kind'] = kind) =>
    service.queues.send('sweeps', { storeId, entity, kind: next }, { delayMs });
  try {
    const end = await service.gate.enter<SweepEnd | CensusEnd>(storeId, (othersWait) => {
      // After a page at the latest another store gets the place (R7); the rest comes back as a message.
      const isOver = () => othersWait() || service.clock() >= deadlineAt;
      return kind === 'sweep'
        ? sweep(service, api, store, entity, isOver, at ?? null)
        : census(service, api, store, entity, isOver, kind);
    });
    if (end === 'continue') await again(0);
    if (typeof end === 'object') await service.queues.send('sweeps', { storeId, entity, kind, at: end });
    // Whoever is at work started before this was asked for: what happened behind him is not seen by him.
    if (end === 'busy') await again(RETRY_MS);
    // A sweep has nothing to start from before the first mirror: that is a census on an empty database.
    if (end === 'not mirrored yet') await again(0, 'census');
  } catch (error) {
    if (!(error instanceof Fenced)) tellFailure(service.telemetry, { storeId, entity }, kind, error);
    if (error instanceof Reject) {
      await service.database.updateSettings(storeId, { attention: error.message });
      service.directory.forget();
      service.log('syncRefused', {
        StoreId: storeId,
        Domain: store.domain,
        Entity: entity,
        Cause: error.message,
      });
      return;
    }
    // Somebody else took the lease over and goes on from the saved position.
    if (error instanceof Fenced) return;
    // Shopify takes an interrupted sweep's cursor no longer: from the start.
    if (error instanceof Reject && !(error instanceof NeedsAttention) && at !== undefined)
      return await again(0);
    if (!(error instanceof Transient)) throw error;
    const delayMs = Math.max(error.retryAfterMs, RETRY_MS);
    const about = { StoreId: storeId, Entity: entity, Kind: kind };
    service.log('syncPostponed', { ...about, DelayMs: delayMs, Cause: error.message });
    await again(delayMs);
  }
}
