import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/** `npm start -- --once` as a person runs it, process and all: the figures that the first release promises. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);

interface Report {
  readonly converged: boolean;
  readonly changes: number;
  readonly viaWebhook: number;
  readonly gapsHealed: number;
  readonly gapCauses: Readonly<Record<string, number>>;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly requests: number;
  readonly throttled: number;
  readonly mirrorSeconds: number;
}

async function once(...options: readonly string[]): Promise<Report> {
  const { stdout } = await run(process.execPath, ['local/main.ts', '--once', ...options], { cwd: root });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Report;
}

describe('npm start -- --once', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))('converges for seed %i', async (seed) => {
    const report = await once(`--seed=${seed}`);
    expect(report.converged).toBe(true);
    expect(report.viaWebhook / report.changes).toBeGreaterThanOrEqual(0.9);
    const explained = Object.values(report.gapCauses).reduce((sum, n) => sum + n, 0);
    expect(explained).toBe(report.gapsHealed);
    expect(report.lagP50Ms).toBeLessThan(1_000);
    expect(report.lagP99Ms).toBeLessThan(3_000);
  });

  test('mirrors 10,000 customers on the standard plan within 40 s, hardly ever throttled', async () => {
    const report = await once('--plan=standard', '--customers=10000', '--products=0', '--orders=0');
    expect(report.converged).toBe(true);
    expect(report.mirrorSeconds).toBeLessThanOrEqual(40);
    expect(report.throttled / report.requests).toBeLessThanOrEqual(0.01);
  });

  test('converges when every object costs a point', async () => {
    const report = await once(
      '--cost-model=pessimistic',
      '--plan=standard',
      '--customers=500',
      '--products=100',
      '--orders=200',
      '--rate=5',
      '--changes=100',
    );
    expect(report.converged).toBe(true);
  });
});
