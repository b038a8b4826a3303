import { z } from 'zod';
import { Late } from '../src/deadline.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Fenced, NeedsAttention, OtherSight, Reject, Transient } from '../src/failures.ts';
import { tellFailure } from '../src/report.ts';
import type { Service } from '../src/service.ts';
import { noteShop } from '../src/shop-noted.ts';
import { shopFacts } from '../src/shopify/shop.ts';
import type { Store } from '../src/store.ts';
import { type CensusEnd, census } from './census.ts';
import { type SweepEnd, sweep } from './sweep.ts';

/** A message of the `sweeps` queue: look through one entity of one store, by one of the two detectors. */
export const work = z.object({
  storeId: z.int(),
  entity: z.enum(ENTITY_NAMES),
  /** `content` is a census that reads every object again. */
  kind: z.enum(['sweep', 'census', 'content']),
  /** How often it could not be done because something was away: the delay of the next try grows with it. */
  attempt: z.int().default(0),
  /** Where an interrupted sweep goes on. */
  at: z
    .object({
      cursor: z.string(),
      firstSentAt: z.number(),
      from: z.number(),
      deep: z.boolean(),
      recent: z.array(z.string()).readonly().default([]),
    })
    .optional(),
});
export type Work = z.output<typeof work>;

/** Well inside the ten minutes that Azure Functions allows; the rest is a message of its own. */
const SLICE_MS = 4 * 60_000;
/** A detector that had to stop is tried again after this, however often: its timer is hours away. */
const RETRY_MS = 30_000;
/** The longest that this grows to while something stays away. */
const RETRY_MAX_MS = 15 * 60_000;
/** What Shopify refuses it may have refused by mistake. So often it is asked again, within half an hour; then its timer asks. */
const REFUSALS_MAX = 6;

const growing = (attempt: number): number => Math.min(RETRY_MS * 2 ** Math.min(attempt, 10), RETRY_MAX_MS);

/** One slice of a sweep or census. What is left, or could not be done now, is enqueued again before this returns. */
export async function doWork(service: Service, work: Work, over?: AbortSignal): Promise<void> {
  const { storeId: StoreId, entity: Entity, kind } = work;
  const name = kind === 'sweep' ? 'sweep' : 'census';
  try {
    await service.telemetry.span({ name, attributes: { StoreId, Entity } }, () =>
      workOn(service, work, over),
    );
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    // Past the deadline the message has been sent again by whoever no longer waited for this.
    if (!over?.aborted) await postpone(service, work, error);
  }
}

async function workOn(service: Service, work: Work, over: AbortSignal | undefined): Promise<void> {
  const store = await service.directory.byId(work.storeId);
  if (store?.active && store.shopId !== null) await slice(service, store, work, over);
}

async function postpone(
  { queues, log }: Service,
  { storeId, entity, kind, attempt }: Work,
  { message, retryAfterMs }: Transient,
): Promise<void> {
  const delayMs = Math.max(retryAfterMs, growing(attempt));
  log('syncPostponed', {
    StoreId: storeId,
    Entity: entity,
    Kind: kind,
    DelayMs: delayMs,
    Cause: message,
  });
  await queues.send('sweeps', { storeId, entity, kind, attempt: attempt + 1 }, { delayMs });
}

async function slice(
  service: Service,
  store: Store,
  { storeId, entity, kind, at, attempt }: Work,
  over: AbortSignal | undefined,
): Promise<void> {
  const again = async (delayMs: number, next: Partial<Work> = {}) => {
    if (!over?.aborted) await service.queues.send('sweeps', { storeId, entity, kind, ...next }, { delayMs });
  };
  try {
    const end = await detect(service, store, { entity, kind, at }, over);
    // It has not come to its end: whatever stops it further on is tried ever later, too.
    if (end === 'continue') await again(0, { attempt });
    if (typeof end === 'object') await again(0, { at: end, attempt });
    if (end === 'again') await again(0, { attempt });
    // Whoever is at work started before this was asked for: what happened behind him is not seen by him.
    if (end === 'busy') await again(RETRY_MS);
    // A sweep has nothing to start from before the first mirror: that is a census on an empty database.
    if (end === 'not mirrored yet') await again(0, { kind: 'census' });
  } catch (error) {
    if (!(error instanceof Fenced || error instanceof Late))
      tellFailure(service.telemetry, { storeId, entity }, kind, error);
    if (error instanceof OtherSight) {
      await noteShop(service.database, storeId, await shopFacts(service.adminOf(store)));
      service.directory.forget();
    }
    // Somebody else took the lease over and goes on from the saved position.
    if (error instanceof Fenced) return;
    if (!(error instanceof Reject)) throw error;
    const isOfStore = error instanceof NeedsAttention;
    // Shopify takes an interrupted sweep's cursor no longer: from the start.
    if (!isOfStore && at !== undefined && attempt === 0) return await again(0, { attempt: 1 });
    if (!isOfStore && attempt < REFUSALS_MAX) await again(growing(attempt), { attempt: attempt + 1 });
    await service.database.updateSettings(storeId, { attention: error.message });
    service.directory.forget();
    service.log('syncRefused', {
      StoreId: storeId,
      Domain: store.domain,
      Entity: entity,
      Cause: error.message,
    });
  }
}

async function detect(
  service: Service,
  store: Store,
  { entity, kind, at }: Pick<Work, 'entity' | 'kind' | 'at'>,
  over: AbortSignal | undefined,
): Promise<SweepEnd | CensusEnd> {
  const api = service.adminOf(store);
  const deadlineAt = service.monotonic() + SLICE_MS;
  return await service.gate.enter<SweepEnd | CensusEnd>(
    store.id,
    (othersWait) => {
      // After a page at the latest another store gets the place (R7); the rest comes back as a message.
      const isOver = () => othersWait() || service.monotonic() >= deadlineAt || over?.aborted === true;
      return kind === 'sweep'
        ? sweep(service, api, store, entity, isOver, at ?? null)
        : census(service, api, store, entity, isOver, kind);
    },
    over,
  );
}
