import { parseArgs } from 'node:util';
import { campaign, HEAP_GROWTH_BYTES_MAX } from './campaign.ts';

/**
 * `npm run fuzz -- --requests 1000000 --seed 1`: spoiled webhook requests, in process and one in fifty over HTTP.
 * Prints what each kind was answered; exit 1 when an answer or the heap is not as it must be, or a row was changed.
 */
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});

const whole = (text: string, option: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} is no whole number from 1 on`);
  return number;
};

const requests = whole(values.requests, 'requests');
const seed = whole(values.seed, 'seed');
const warmUp = Math.min(100_000, Math.ceil(requests / 2));
const outcome = await campaign({ requests, seed, warmUp, say: (line) => console.error(line) });

const total = new Map<number | 'closed', number>();
for (const [kind, byStatus] of [...outcome.counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const shown = [...byStatus].sort().map(([status, count]) => `${status}×${count}`);
  console.log(`${kind.padEnd(44)} ${shown.join('  ')}`);
  for (const [status, count] of byStatus) total.set(status, (total.get(status) ?? 0) + count);
}
console.log(
  `\nall: ${[...total]
    .sort()
    .map(([status, count]) => `${status}×${count}`)
    .join('  ')}`,
);
const mib = (bytes: number) => (bytes / 1_048_576).toFixed(1);
console.log(
  `${outcome.requests} requests in process and ${outcome.overHttp} over HTTP from seed ${seed}, ` +
    `${Math.round(outcome.perSecond)} a second; ${outcome.signals} signals; ` +
    `heap +${mib(outcome.heapGrowthBytes)} MiB after request ${warmUp} (limit ${mib(HEAP_GROWTH_BYTES_MAX)})`,
);
for (const line of outcome.broken) console.log(`broken: ${line}`);
console.log(outcome.broken.length === 0 ? 'refused or harmless, all of them' : 'NOT harmless');
process.exitCode = outcome.broken.length === 0 ? 0 : 1;
