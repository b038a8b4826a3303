import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Exporter, type Late, late } from '../app/telemetry/late.ts';
import type { LogLine } from '../src/log/line.ts';
import { untold } from '../src/telemetry.ts';

/** The exporter is loaded late: nothing waits for it, nothing measured before is lost, and nothing depends on it. */

const LINE: LogLine = {
  timestamp: '2024-07-24T12:00:00Z',
  level: 'Information',
  logger: 'HostService',
  message: 'hello',
  properties: {},
};
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

let told: string[];
let now: number;
let loads: number;
let flushes: number;
let failures: unknown[];
let exporter: Late;

const made = (load: () => Promise<Exporter>): Late =>
  late({
    load: async () => {
      loads++;
      return await load();
    },
    monotonic: () => now,
    otherwise: ({ message }) => told.push(`otherwise ${message}`),
    onFailure: (error) => failures.push(error),
  });

const loadable = async (): Promise<Exporter> => ({
  telemetry: {
    ...untold,
    measure: (name, value) => told.push(`${name} ${value}`),
    traceparent: () => 'of the SDK',
  },
  sink: ({ message }) => told.push(`line ${message}`),
  flush: async () => {
    flushes++;
  },
  stop: async () => {},
});

const measure = (value: number) =>
  exporter.telemetry.measure('ShopifyApi.RateLimitRemaining', value, { StoreId: 1 });

beforeEach(() => {
  vi.useFakeTimers();
  [told, now, loads, flushes, failures] = [[], 0, 0, 0, []];
  exporter = made(loadable);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('before it is loaded', () => {
  test('nothing loads it but the end of an invocation', async () => {
    measure(1);
    exporter.sink(LINE, 0);
    await exporter.telemetry.span({ name: 'delivery' }, async () => {});
    expect(loads).toBe(0);
    await exporter.telemetry.flush();
    expect(loads).toBe(1);
  });

  test('measurements and lines are kept, in their order, and told later', async () => {
    measure(1);
    exporter.sink(LINE, 0);
    measure(2);
    expect(told).toEqual([]);
    await exporter.telemetry.flush();
    measure(3);
    const name = 'ShopifyApi.RateLimitRemaining';
    expect(told).toEqual([`${name} 1`, 'line hello', `${name} 2`, `${name} 3`]);
  });

  test('no more of them are kept than a start needs', async () => {
    for (let n = 0; n < 6_000; n++) measure(n);
    await exporter.telemetry.flush();
    expect(told).toHaveLength(5_000);
  });

  test('the trace of the host goes on through messages', async () => {
    const { telemetry } = exporter;
    expect(telemetry.traceparent()).toBeNull();
    await telemetry.within(TRACE, () =>
      telemetry.span({ name: 'delivery' }, async () => {
        await Promise.resolve();
        expect(telemetry.traceparent()).toBe(TRACE);
      }),
    );
    expect(telemetry.traceparent()).toBeNull();
  });

  test('work runs, and fails, as it would', async () => {
    const { telemetry } = exporter;
    expect(await telemetry.span({ name: 'mark' }, async () => 7)).toBe(7);
    const failing = telemetry.span({ name: 'mark' }, () => Promise.reject(new Error('mine')));
    await expect(failing).rejects.toThrow('mine');
  });
});

describe('flushing', () => {
  test('happens once in ten seconds however often it is asked for, and once more for what came after', async () => {
    for (let n = 0; n < 50; n++) await exporter.telemetry.flush();
    expect(flushes).toBe(1);
    now = 10_000;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(flushes).toBe(2);
    now = 60_000;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(flushes).toBe(2);
  });

  test('happens at once for a process that ends, and once more if one is under way', async () => {
    await exporter.telemetry.flush();
    measure(1);
    await exporter.telemetry.flush('now');
    expect(flushes).toBe(2);
    const gate = Promise.withResolvers<void>();
    const flush = vi.fn(() => gate.promise);
    exporter = made(async () => ({ ...(await loadable()), flush }));
    const first = exporter.telemetry.flush();
    await vi.advanceTimersByTimeAsync(0);
    const last = exporter.telemetry.flush('now');
    gate.resolve();
    await Promise.all([first, last]);
    expect(flush).toHaveBeenCalledTimes(2);
  });

  test('holds up nobody who asks in between', async () => {
    const gate = Promise.withResolvers<void>();
    exporter = made(async () => ({ ...(await loadable()), flush: () => gate.promise }));
    const first = exporter.telemetry.flush();
    await exporter.telemetry.flush();
    gate.resolve();
    await first;
  });

  test('what is left is handed over at the end, whenever the last time was', async () => {
    await exporter.telemetry.flush();
    await exporter.stop();
    expect(flushes).toBe(2);
  });

  test('at the end nothing is loaded that never was', async () => {
    await exporter.stop();
    expect(loads).toBe(0);
  });
});

describe('an exporter that cannot be loaded', () => {
  beforeEach(() => {
    exporter = made(() => Promise.reject(new Error('no such module')));
  });

  test('is said once; lines go elsewhere, those that were kept first', async () => {
    exporter.sink(LINE, 0);
    await exporter.telemetry.flush();
    exporter.sink({ ...LINE, message: 'again' }, 0);
    now = 60_000;
    await exporter.telemetry.flush();
    expect(told).toEqual(['otherwise hello', 'otherwise again']);
    expect(failures).toEqual([new Error('no such module')]);
    expect(loads).toBe(1);
  });

  test('stops nothing', async () => {
    await exporter.telemetry.flush();
    measure(1);
    expect(await exporter.telemetry.span({ name: 'mark' }, async () => 7)).toBe(7);
    expect(exporter.telemetry.traceparent()).toBeNull();
  });
});
