import type { Clock, Monotonic } from './clock.ts';
import type { EntityName } from './entities/registry.ts';
import { Reject, Transient } from './failures.ts';
import type { Log } from './log.ts';
import type { AnsweredDelivery } from './mark.ts';
import { type ErrorOutcome, isPlausibleLag, syncMetric } from './metrics.ts';
import type { RunKind, Tally } from './run.ts';
import type { Telemetry } from './telemetry.ts';

/** What a refresh, a sweep and a census tell of themselves: measurements, and one line of the log at the end. */
interface KeySpace {
  readonly storeId: number;
  readonly entity: EntityName;
}

/** One committed batch of a refresh. */
export function tellBatch(telemetry: Telemetry, { storeId, entity }: KeySpace, tally: Tally, ms: number) {
  const processed = syncMetric(entity, 'ProcessedCount');
  for (const outcome of ['written', 'unchanged', 'deleted'] as const)
    if (tally[outcome] > 0)
      telemetry.measure(processed, tally[outcome], { StoreId: storeId, Outcome: outcome });
  if (tally.failed > 0)
    telemetry.measure(syncMetric(entity, 'ErrorCount'), tally.failed, {
      StoreId: storeId,
      Kind: 'refresh',
      Outcome: 'rejected',
    });
  telemetry.measure(syncMetric(entity, 'Duration'), ms, {
    StoreId: storeId,
    Kind: 'refresh',
    Outcome: 'succeeded',
  });
}

/**
 * Deliveries that a committed batch proved: how long each took, and in the trace of each that its row is right now.
 * One batch serves many deliveries, so it can be a part of one trace at most; the others are linked to it.
 */
export function tellRefreshed(
  telemetry: Telemetry,
  { storeId, entity }: KeySpace,
  deliveries: readonly AnsweredDelivery[],
): void {
  for (const { triggeredAt, refreshedAt, traceparent } of deliveries) {
    const lagMs = triggeredAt === null ? null : refreshedAt - triggeredAt;
    const lag = lagMs !== null && isPlausibleLag(lagMs) ? Math.max(0, lagMs) : null;
    if (lag !== null) telemetry.measure(syncMetric(entity, 'Lag'), lag, { StoreId: storeId });
    if (traceparent === null) continue;
    telemetry.moment({
      name: 'delivery refreshed',
      parent: traceparent,
      attributes: { StoreId: storeId, Entity: entity, ...(lag === null ? {} : { LagMs: lag }) },
    });
  }
}

/** When it began: by the clock, for people, and by the monotonic one, if it began in this process. */
export interface Began {
  readonly at: number;
  readonly monotonic?: number;
}

interface Clocks {
  readonly clock: Clock;
  readonly monotonic: Monotonic;
}

export const beganNow = ({ clock, monotonic }: Clocks): Began => ({ at: clock(), monotonic: monotonic() });

const tookMs = (deps: Clocks, began: Began): number =>
  Math.max(0, began.monotonic === undefined ? deps.clock() - began.at : deps.monotonic() - began.monotonic);

interface Ended extends KeySpace {
  readonly kind: RunKind;
  readonly began: Began;
  readonly processed: number;
  readonly failed: number;
}

/** The end of a run, or of a slice of refreshing that changed something. */
export function logEnd(
  deps: Clocks & { readonly log: Log },
  { storeId, entity, kind, began, processed, failed }: Ended,
): void {
  const durationMs = tookMs(deps, began);
  deps.log('syncCompleted', {
    StoreId: storeId,
    Entity: entity,
    Kind: kind,
    ProcessedCount: processed,
    ErrorCount: failed,
    Duration: durationMs,
    StartTime: began.at,
    EndTime: began.at + durationMs,
  });
}

/** The end of a sweep or census: `seen` keys were compared. */
export function tellRun(
  deps: Clocks & { readonly log: Log; readonly telemetry: Telemetry },
  run: KeySpace & { readonly kind: RunKind; readonly began: Began; readonly seen: number },
  outcome: 'succeeded' | 'held',
): void {
  const { storeId, entity, kind, began } = run;
  const ms = tookMs(deps, began);
  deps.telemetry.measure(syncMetric(entity, 'Duration'), ms, {
    StoreId: storeId,
    Kind: kind,
    Outcome: outcome,
  });
  logEnd(deps, { ...run, processed: run.seen, failed: 0 });
}

/** A slice that ended before its time. */
export function tellFailure(
  telemetry: Telemetry,
  { storeId, entity }: KeySpace,
  kind: RunKind,
  error: unknown,
): void {
  const by = { StoreId: storeId, Kind: kind, Outcome: outcomeOf(error) };
  telemetry.measure(syncMetric(entity, 'ErrorCount'), 1, by);
}

export const outcomeOf = (error: unknown): Exclude<ErrorOutcome, 'rejected'> =>
  error instanceof Transient ? 'transient' : error instanceof Reject ? 'attention' : 'bug';
