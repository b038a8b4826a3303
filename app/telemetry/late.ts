import { AsyncLocalStorage } from 'node:async_hooks';
import type { Monotonic } from '../../src/clock.ts';
import type { LogLine, LogSink } from '../../src/log/line.ts';
import { type Telemetry, untold } from '../../src/telemetry.ts';

/**
 * An exporter that is loaded when the first invocation is over, because loading it holds up the whole process for
 * about a second: no cold start and no delivery waits for that. Until then measurements and lines are kept and told
 * later; spans are not, but the host's trace goes on through the messages.
 */
export interface Exporter {
  readonly telemetry: Omit<Telemetry, 'flush'>;
  readonly sink: LogSink;
  /** Neither fails nor takes longer than seconds. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface Late {
  readonly telemetry: Telemetry;
  readonly sink: LogSink;
  stop(): Promise<void>;
}

interface Options {
  readonly load: () => Promise<Exporter>;
  readonly monotonic: Monotonic;
  /** Where the lines go when the exporter cannot be loaded. */
  readonly otherwise: LogSink;
  readonly onFailure: (error: unknown) => void;
}

const KEPT_MAX = 5_000;
/** What was measured reaches the exporter this late at most, and no invocation pays for more than that. */
const FLUSH_EVERY_MS = 10_000;

export function late({ load, monotonic, otherwise, onFailure }: Options): Late {
  let exporter: Exporter | null = null;
  let loading: Promise<void> | null = null;
  let kept: ((to: Pick<Exporter, 'telemetry' | 'sink'>) => void)[] = [];
  const early = new AsyncLocalStorage<string | null>();

  const tell = (what: (to: Pick<Exporter, 'telemetry' | 'sink'>) => void) => {
    if (exporter !== null) what(exporter);
    else if (kept.length < KEPT_MAX) kept.push(what);
  };
  const loaded = async (): Promise<void> => {
    try {
      exporter = await load();
    } catch (error) {
      exporter = { telemetry: untold, sink: otherwise, flush: async () => {}, stop: async () => {} };
      onFailure(error);
    }
    for (const what of kept) what(exporter);
    kept = [];
  };
  const flush = flushing(monotonic, async () => {
    loading ??= loaded();
    await loading;
    await exporter?.flush();
  });

  return {
    telemetry: {
      measure: (name, value, by) => tell(({ telemetry }) => telemetry.measure(name, value, by)),
      span: (about, work) =>
        exporter === null
          ? early.run(about.parent ?? early.getStore() ?? null, () => untold.span(about, work))
          : exporter.telemetry.span(about, work),
      moment: (about) => exporter?.telemetry.moment(about),
      within: (traceparent, work) =>
        exporter === null ? early.run(traceparent, work) : exporter.telemetry.within(traceparent, work),
      traceparent: () => (exporter === null ? (early.getStore() ?? null) : exporter.telemetry.traceparent()),
      flush,
    },
    sink: (line: LogLine, at) => tell(({ sink }) => sink(line, at)),
    stop: async () => {
      await loading;
      await exporter?.flush();
      await exporter?.stop();
    },
  };
}

/**
 * Once in a while, however often it is asked for; what is asked for in between is done at the end of the while. A
 * process that ends has no such end: for it the work is done again, whatever is under way.
 */
function flushing(monotonic: Monotonic, work: () => Promise<void>): Telemetry['flush'] {
  let flushedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | null = null;
  let isDue = false;
  const now = (): Promise<void> => {
    flushedAt = monotonic();
    underWay ??= work().finally(() => {
      underWay = null;
    });
    return underWay;
  };
  return async (when) => {
    if (when === 'now') {
      await underWay;
      return await now();
    }
    const leftMs = flushedAt + FLUSH_EVERY_MS - monotonic();
    if (leftMs <= 0) return await now();
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      void now();
    }, leftMs).unref();
  };
}
