import { createLogUpdate } from 'log-update';
import type { StoreStatus } from '../src/database.ts';

/**
 * What a person sees: a progress bar while the store is mirrored, then how it lives. On a terminal the last lines
 * are drawn over; elsewhere only milestones are printed. Everything goes to stderr: stdout is for results.
 */
export interface Screen {
  say(line: string): void;
  mirroring(status: StoreStatus, size: Readonly<Record<string, number>>): void;
  living(status: StoreStatus, extra?: readonly string[]): void;
  close(): void;
}

const BAR = 32;

export function openScreen(stream: NodeJS.WriteStream): Screen {
  const update = stream.isTTY ? createLogUpdate(stream) : null;
  return {
    say: (line) => {
      update?.clear();
      stream.write(`${line}\n`);
    },
    mirroring: (status, size) => update?.(bars(status, size).join('\n')),
    living: (status, extra = []) => update?.([...figures(status), ...extra].join('\n')),
    close: () => update?.done(),
  };
}

const TABLES = { customers: 'Customers', products: 'Products', orders: 'Orders' } as const;

function bars(status: StoreStatus, size: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(TABLES).map(([entity, table]) => {
    const rows = status.rows[table] ?? 0;
    const all = Math.max(size[entity] ?? 0, rows);
    const share = all === 0 ? 1 : rows / all;
    const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
    return `  ${entity.padEnd(10)} ${bar} ${count(rows)} of ${count(all)}`;
  });
}

const count = (n: number): string => n.toLocaleString('en');
const lag = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(2)} s`);

function figures(status: StoreStatus): readonly string[] {
  const rows = Object.entries(status.rows).map(([table, n]) => `${table} ${count(n)}`);
  return [
    `  rows         ${rows.join(' · ')}`,
    `  freshness    p50 ${lag(status.lagP50Ms)} · p99 ${lag(status.lagP99Ms)} from change to row, ${count(status.deliveries)} deliveries`,
    `  stale        ${count(status.marksWaiting)} marks waiting${status.marksHeld ? `, ${count(status.marksHeld)} held by the brake` : ''}`,
    `  gaps         ${count(status.gapsFound)} found, ${count(status.gapsHealed)} healed${status.rejects ? ` · ${count(status.rejects)} rejects` : ''}`,
    `  API budget   ${count(Math.round(status.points))} points spent`,
  ];
}
