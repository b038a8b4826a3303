import type { Doorbell } from '../src/doorbell.ts';
import { Reject } from '../src/failures.ts';
import { refreshKeySpace } from '../src/refresh.ts';
import type { Service } from '../src/service.ts';
import type { Span } from '../src/telemetry.ts';
import { certify } from './certify.ts';

/** A later bell than this is left to the tick, which rings for everything that is due. */
const BELL_MAX_MS = 60_000;

/**
 * Answers a doorbell: refreshes the key space, and rings again where work is left or a kept mark falls due soon.
 * A store that needs attention is left alone until the next tick; it delays nobody.
 */
export async function answer(service: Service, bell: Doorbell): Promise<void> {
  const attributes = { StoreId: bell.storeId, Entity: bell.entity };
  await service.telemetry.span({ name: 'doorbell', parent: bell.traceparent, attributes }, (span) =>
    refresh(service, bell, span),
  );
}

async function refresh(service: Service, { storeId, entity }: Doorbell, span: Span): Promise<void> {
  const store = await service.directory.byId(storeId);
  if (store === null || !store.active || store.shopId === null) return;
  try {
    const end = await service.gate.enter(storeId, (othersWait) =>
      refreshKeySpace(service, service.adminOf(store), store, entity, othersWait),
    );
    span.set({ Outcome: end.state });
    if (end.state === 'busy') return;
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
