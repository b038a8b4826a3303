import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { FAULTS, type Fault } from './faults.ts';

/** What a run, or a campaign of runs, has exercised: a rule that was never put to the test proves nothing. */
export interface Counts {
  runs: number;
  changes: number;
  steps: number;
  /** Ticks until the mirror was right and the store still, summed; and the most in one run. */
  ticks: number;
  ticksMost: number;
  readonly faults: Record<string, number>;
  readonly crashes: Record<string, number>;
}

export class Exercised {
  readonly counts: Counts = {
    runs: 0,
    changes: 0,
    steps: 0,
    ticks: 0,
    ticksMost: 0,
    faults: {},
    crashes: {},
  };

  fault(fault: Fault, times = 1): void {
    this.counts.faults[fault] = (this.counts.faults[fault] ?? 0) + times;
  }

  crash(point: CrashPoint): void {
    this.fault('crash');
    this.counts.crashes[point] = (this.counts.crashes[point] ?? 0) + 1;
  }

  add(other: Counts): void {
    const { counts } = this;
    counts.runs += other.runs;
    counts.changes += other.changes;
    counts.steps += other.steps;
    counts.ticks += other.ticks;
    counts.ticksMost = Math.max(counts.ticksMost, other.ticksMost);
    for (const [name, times] of Object.entries(other.faults))
      counts.faults[name] = (counts.faults[name] ?? 0) + times;
    for (const [name, times] of Object.entries(other.crashes))
      counts.crashes[name] = (counts.crashes[name] ?? 0) + times;
  }

  get never(): readonly string[] {
    return [
      ...FAULTS.filter((fault) => !this.counts.faults[fault]).map((fault) => `fault ${fault}`),
      ...CRASH_POINTS.filter((point) => !this.counts.crashes[point]).map((point) => `crash "${point}"`),
    ];
  }

  /** A table for the end of a campaign. */
  lines(): readonly string[] {
    const { runs, changes, steps, ticks, ticksMost, faults, crashes } = this.counts;
    const each = (n: number) => (n / Math.max(1, runs)).toFixed(1);
    const struck = Object.values(faults).reduce((a, b) => a + b, 0);
    const row = (name: string, times: number | undefined) =>
      `  ${name.padEnd(52)} ${String(times ?? 0).padStart(8)}`;
    return [
      `in the average run: ${each(changes)} changes, ${each(struck)} faults, ${each(steps)} steps, ${each(ticks)} ticks to come to rest (${ticksMost} at most)`,
      'faults',
      ...FAULTS.map((fault) => row(fault, faults[fault])),
      'crashes',
      ...CRASH_POINTS.map((point) => row(point, crashes[point])),
    ];
  }
}
