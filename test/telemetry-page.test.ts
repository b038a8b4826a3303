import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { MESSAGES } from '../src/log/catalogue.ts';
import { METRICS, syncMetric } from '../src/metrics.ts';

/** docs/telemetry.md says what is really told. */
const page = readFileSync(new URL('../docs/telemetry.md', import.meta.url), 'utf8');

test('the page has every metric with its kind, unit, dimensions and meaning, and no other', () => {
  const rows = Object.entries(METRICS).map(([name, { kind, unit, by, means }]) => {
    const family = name.replace(/^Sync\.\w+\./, 'Sync.*.');
    return `| \`${family}\` | ${kind} | ${unit} | ${by.join(', ')} | ${means} |`;
  });
  const written = page.match(/^\| `[\w*.]+` \| (counter|timer|gauge) .*$/gm);
  expect(written?.sort()).toEqual([...new Set(rows)].sort());
});

test('the page has every logger, and every entity that has metrics and a logger of its own', () => {
  const loggers = new Set(Object.values(MESSAGES).map(({ logger }) => logger));
  for (const logger of loggers) if (logger !== 'sync') expect(page).toContain(`\`${logger}\``);
  for (const name of ENTITY_NAMES) {
    expect(page).toContain(`\`${entityOf(name).type}SyncService\``);
    expect(page).toContain(`\`${syncMetric(name, 'Lag').split('.')[1]}\``);
  }
});
