import { z } from 'zod';
import type { Monotonic } from './clock.ts';
import { ENTITY_NAMES, type EntityName } from './entities/registry.ts';
import type { Queues } from './queues.ts';
import { traceparent } from './telemetry.ts';

/**
 * A doorbell only says: this (store, entity) has due marks. It carries no work, so a doubled or lost one costs
 * next to nothing: whoever answers reads the marks, and every minute a tick rings for whatever is still due.
 */
export const doorbell = z.object({
  storeId: z.int(),
  entity: z.enum(ENTITY_NAMES),
  /** The trace of the delivery for which it was rung first, if there is one. */
  traceparent,
});
export type Doorbell = z.output<typeof doorbell>;

export interface Doorbells {
  /** Whoever answers goes on with `trace`, a traceparent. A refresh that rings for what is left begins another. */
  ring(storeId: number, entity: EntityName, delayMs?: number, trace?: string | null): Promise<void>;
}

export function createDoorbells(deps: { readonly queues: Queues; readonly monotonic: Monotonic }): Doorbells {
  /** When the latest delayed bell of a key space will ring. One is enough; immediate ones are never held back. */
  const pending = new Map<string, number>();
  return {
    ring: async (storeId, entity, delayMs = 0, trace = null) => {
      const now = deps.monotonic();
      if (delayMs > 0) {
        const key = `${storeId}:${entity}`;
        const rings = pending.get(key) ?? 0;
        if (rings > now && rings <= now + delayMs) return;
        pending.set(key, now + delayMs);
      }
      const bell = { storeId, entity, ...(trace === null ? {} : { traceparent: trace }) };
      await deps.queues.send('refresh', bell, { delayMs });
    },
  };
}
