import { isTime } from '../src/doubtful-time.ts';
import type { EntityName } from '../src/entities/registry.ts';
import { unheard } from '../src/errand.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { LoggedDelivery, Raise } from '../src/mark.ts';
import type { Service } from '../src/service.ts';
import { noteVersion } from './delivered-version.ts';
import { owe } from './owed.ts';
import type { Signal } from './signal.ts';

/**
 * Detector 1, the worker's part: mark the keys, log the delivery, ring. Milliseconds, no API call. While the
 * database is away, or has to be mended by hand, the signal is sent again with growing delay and only then
 * acknowledged: an outage of hours costs delay, and the poison queue holds nothing but bugs (R4).
 */
type Deps = Pick<
  Service,
  'database' | 'directory' | 'queues' | 'doorbells' | 'timing' | 'clock' | 'monotonic' | 'log' | 'telemetry'
>;

const FIRST_DELAY_MS = 30_000;
const DELAY_MAX_MS = 15 * 60_000;

export async function markSignal(deps: Deps, signal: Signal): Promise<void> {
  const attributes = { StoreId: signal.storeId, Topic: signal.topic, Keys: signal.keys.length };
  await deps.telemetry.span({ name: 'mark', parent: signal.traceparent, attributes }, () =>
    markAndRing(deps, signal),
  );
}

async function markAndRing(deps: Deps, signal: Signal): Promise<void> {
  let storeId: number | null;
  let entities: ReadonlySet<EntityName>;
  try {
    storeId = await storeIdOf(deps, signal);
    if (storeId === null) return;
    entities = await markKeys(deps, storeId, signal);
    await echo(deps, signal);
    await owe(deps, storeId, signal);
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(signal.attempt, 10), DELAY_MAX_MS);
    deps.log(error instanceof Reject ? 'signalNotMarked' : 'signalPutOff', {
      StoreId: signal.storeId,
      DelayMs: delayMs,
      Cause: error.message,
    });
    await deps.queues.send('signals', { ...signal, attempt: signal.attempt + 1 }, { delayMs });
    return;
  }
  await noteVersion(deps, storeId, signal);
  for (const entity of entities) await ringOrWait(deps, storeId, entity);
}

/** Null for a store that is not mirrored: its first mirror, or none, is what the signal would lead to. */
async function storeIdOf(
  { directory, queues, log }: Deps,
  { storeId, domain }: Signal,
): Promise<number | null> {
  if (storeId !== null) return storeId;
  const store = await directory.byDomain(domain);
  if (store?.active) return store.id;
  if (store !== null) await queues.send('errands', unheard(store.id));
  log('signalDropped', { Domain: domain });
  return null;
}

/**
 * Keys that are looked up in the mirror (the orders of a merged customer) are looked up once more after SETTLE: a
 * read that was under way may have written such a row after the first look.
 */
async function echo(deps: Deps, signal: Signal): Promise<void> {
  const keys = signal.keys.filter(({ through }) => through !== null);
  if (signal.echo || keys.length === 0) return;
  const again: Signal = { ...signal, keys, owes: undefined, echo: true };
  await deps.queues.send('signals', again, { delayMs: deps.timing.settleMs });
}

async function markKeys(deps: Deps, storeId: number, signal: Signal): Promise<ReadonlySet<EntityName>> {
  const raises: Raise[] = [];
  for (const { entity, id, announces, expectedUpdatedAt, through } of signal.keys) {
    const ids = through
      ? await deps.database.idsBy(storeId, entity, through.table, through.column, [id])
      : [id];
    for (const each of ids)
      raises.push({
        entity,
        id: each,
        lane: 'webhook',
        reason: signal.topic,
        announces,
        expectedUpdatedAt: through ? null : expectable(expectedUpdatedAt, signal.receivedAt),
        dueInMs: 0,
      });
  }
  if (raises.length === 0) return new Set();
  const deliveries: LoggedDelivery[] = raises.map(({ entity, id }) => ({
    webhookId: signal.webhookId,
    topic: signal.topic,
    entity,
    id,
    triggeredAt: signal.triggeredAt,
    receivedAt: signal.receivedAt,
    traceparent: signal.traceparent,
  }));
  await deps.database.mark(storeId, raises, { deliveries });
  return new Set(raises.map(({ entity }) => entity));
}

/** Our own clock may be wrong by hours: a version within a day of it may be true, and `judge` will see. */
const NEAR_MS = 24 * 3_600_000;

/** A version that cannot be told none (R18): the mark is a hint, which costs one read more. */
const expectable = (version: number | null, receivedAt: number): number | null =>
  version !== null && isTime(version) && version <= receivedAt + NEAR_MS ? version : null;

/** The mark is durable: nothing may fail the message any more. A bell that was not rung is rung by the next tick. */
async function ringOrWait(deps: Deps, storeId: number, entity: EntityName): Promise<void> {
  try {
    await deps.doorbells.ring(storeId, entity, 0, deps.telemetry.traceparent());
  } catch (error) {
    deps.log('bellNotRung', { StoreId: storeId, Entity: entity, Cause: String(error) });
  }
}
