import type { Doorbell } from '../src/doorbell.ts';
import { announcing } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import { refreshKeySpace } from '../src/refresh.ts';
import type { Tally } from '../src/run.ts';
import type { Service } from '../src/service.ts';
import type { Span } from '../src/telemetry.ts';
import { certify } from './certify.ts';

/** A later bell than this is left to the tick, which rings for everything that is due. */
const BELL_MAX_MS = 60_000;

/**
 * Answers a doorbell: refreshes the key space, and rings again where work is left or a kept mark falls due soon.
 * A store that needs attention is left alone until the next tick; it delays nobody. So is every store while the
 * database is away: a bell carries nothing that the tick does not find in the marks.
 */
export async function answer(service: Service, bell: Doorbell, over?: AbortSignal): Promise<void> {
  const attributes = { StoreId: bell.storeId, Entity: bell.entity };
  try {
    await service.telemetry.span({ name: 'doorbell', parent: bell.traceparent, attributes }, (span) =>
      refresh(service, bell, span, over),
    );
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    service.log('bellNotAnswered', { StoreId: bell.storeId, Entity: bell.entity, Cause: error.message });
  }
}

async function refresh(
  service: Service,
  { storeId, entity }: Doorbell,
  span: Span,
  over: AbortSignal | undefined,
): Promise<void> {
  const store = await service.directory.byId(storeId);
  if (store === null || !store.active || store.shopId === null) return;
  try {
    const end = await service.gate.enter(
      storeId,
      (othersWait) => refreshKeySpace(service, service.adminOf(store), store, entity, othersWait),
      over,
    );
    span.set({ Outcome: end.state });
    if (end.state === 'busy') return;
    await announce(service, storeId, end.tally);
    if (end.state === 'more') return await service.doorbells.ring(storeId, entity, end.afterMs);
    await certify(service, storeId);
    const dueInMs = await service.database.nextDueInMs(storeId, entity);
    if (dueInMs !== null && dueInMs <= BELL_MAX_MS)
      await service.doorbells.ring(storeId, entity, Math.max(dueInMs, 1));
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    service.directory.forget();
    service.log('syncRefused', {
      StoreId: storeId,
      Domain: store.domain,
      Entity: entity,
      Cause: error.message,
    });
  }
}

/** Change events are sent by another message, which a refresh need not wait for. One that is lost is the tick's. */
async function announce({ outbox, queues, log }: Service, storeId: number, tally: Tally): Promise<void> {
  if (outbox === null || tally.written + tally.deleted === 0) return;
  try {
    await queues.send('errands', announcing(storeId));
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    log('eventsLeft', { StoreId: storeId, Cause: error.message });
  }
}
