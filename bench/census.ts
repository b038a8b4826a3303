/**
 * A census of a million customers: what it costs, how much memory the service needs for it, and whether it comes to a
 * true certificate although its process is killed again and again. `npm run bench:census -- --help`.
 *
 *     this process ── fills the mirror, plants differences, kills, looks on, compares every field in the end
 *       ├── the simulator: Shopify on the Enterprise plan
 *       └── the service: the local host on an SQLite file; when it was killed it is started again
 *
 * Two censuses: one in peace, one that is killed. The mirror is not read through the API first: that is another
 * measurement, see `census/mirror.ts` for what is done instead. Settling, leases and timers are those of production.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { openSqlite } from '../db/sqlite/open.ts';
import { compare } from '../local/compare.ts';
import type { SimulatedShop } from '../local/simulated.ts';
import type { Database } from '../src/database.ts';
import type { Store } from '../src/store.ts';
import { followed } from './census/course.ts';
import { broken, type Measured, measured, spoken } from './census/judgement.ts';
import { mirror } from './census/mirror.ts';
import { CUSTOMERS_MIN, OF_EACH_KIND, Planted } from './census/planted.ts';
import { openShop } from './census/shop.ts';

interface Options {
  readonly customers: number;
  readonly interruptions: number;
  readonly heap: number;
}

interface Bench {
  readonly options: Options;
  readonly shop: SimulatedShop;
  readonly database: Database;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

interface Result {
  readonly inPeace: Measured;
  readonly killed: Measured;
  /** Fields of all objects in which the mirror differs from the shop in the end. */
  readonly differences: number;
}

/** Sweeps and the nightly census stay away; the tick comes each minute, as always. */
const NEW_YEAR = '0 0 0 1 1 *';
const SETTINGS = {
  PORT: '0',
  CUSTOMER_SYNC_CRON: NEW_YEAR,
  PRODUCT_SYNC_CRON: NEW_YEAR,
  ORDER_SYNC_CRON: NEW_YEAR,
  CENSUS_CRON: NEW_YEAR,
} as const;

const whole = (text: string): number => {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
};

const program = new Command('bench:census')
  .description('Censuses of a large store, one killed on its way. Prints JSON; exits 1 at a broken promise.')
  .option('--customers <n>', `customers of the store, ${CUSTOMERS_MIN} or more`, whole, 1_000_000)
  .option('--interruptions <n>', 'how often the service is killed', whole, 10)
  .option('--heap <MiB>', "what the service's JavaScript may take", whole, 512);

const say = (line: string) =>
  console.error(`${Math.round(process.uptime()).toString().padStart(5)} s  ${line}`);

async function main(options: Options, signal: AbortSignal): Promise<readonly string[]> {
  await using opened = new AsyncDisposableStack();
  // As SQLite names it: statements are told apart by their file.
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'driftless-census-')));
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const shop = await openShop(options.customers, signal);
  opened.defer(() => shop.stop());
  say(`a store of ${options.customers} customers is open`);
  const database = await openSqlite(join(dataDir, 'driftless.db'), { clock: Date.now, nonce: randomUUID });
  opened.defer(() => database.close());
  const { inPeace, killed, differences } = await measure({ options, shop, database, dataDir, signal });
  console.log(JSON.stringify({ inPeace, killed, differences }));
  const ids = options.customers - OF_EACH_KIND;
  return [
    ...broken(inPeace, { ids, interruptions: 0 }).map((problem) => `in peace: ${problem}`),
    ...broken(killed, { ids, interruptions: options.interruptions }).map((problem) => `killed: ${problem}`),
    ...(differences === 0 ? [] : [`the mirror differs from the shop in ${differences} places`]),
  ];
}

async function measure(bench: Bench): Promise<Result> {
  const { options, shop, database, signal } = bench;
  const first = new Planted(options.customers, 0);
  const second = new Planted(options.customers, 3);
  const store = await mirror(database, shop, (index, id) => {
    signal.throwIfAborted();
    second.visit(index, id);
    return first.visit(index, id) === 'missing' ? 'left out' : 'mirrored';
  });
  say('the mirror stands');
  await first.changeThere(shop);
  const inPeace = await census(bench, store, 0);
  await second.changeThere(shop);
  await second.createThere(shop);
  const killed = await census(bench, store, options.interruptions);
  const { differences } = await compare(database, store.id, 'customers', shop.truth('customers'));
  return { inPeace, killed, differences: differences.length };
}

async function census(
  { options, shop, database, dataDir, signal }: Bench,
  store: Store,
  interruptions: number,
): Promise<Measured> {
  const before = (await shop.stats()).api;
  const env = { ...shop.env, ...SETTINGS };
  const process = { dataDir, env, heapMiB: options.heap };
  const ids = options.customers;
  const outcome = await followed({ ...process, database, store, ids, interruptions, signal, say });
  const { points, requests } = (await shop.stats()).api;
  const result = measured(outcome, { points: points - before.points, requests: requests - before.requests });
  say(spoken(result));
  return result;
}

const options = program.parse().opts<Options>();
if (options.customers < CUSTOMERS_MIN) program.error(`--customers: give ${CUSTOMERS_MIN} or more`);
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort());
try {
  const problems = await main(options, stopping.signal);
  for (const problem of problems) say(`BROKEN  ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  process.exitCode = 130;
}
