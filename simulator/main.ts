/**
 * The simulator as a program: `npm run simulator -- --help`. When it is up it prints one line of JSON on stdout
 * for whoever started it; what it says to people goes to stderr.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { BadRequest } from './control/answer.ts';
import { setFaults } from './control/faults.ts';
import { startLive } from './control/happenings.ts';
import { addShop, presented } from './control/shops.ts';
import { Journal } from './journal.ts';
import { JournalRefused } from './journal-file.ts';
import { startServer } from './server.ts';
import { DEFAULT_SCOPES, type Shop } from './shop.ts';
import { createSimulator, type Simulator } from './simulator.ts';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly shop?: readonly string[];
  readonly plan: string;
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
  readonly mixedIds: boolean;
  readonly costModel: 'observed' | 'pessimistic';
  readonly replicaLag: number;
  readonly indexLag: number;
  readonly wholeDayCustomers: boolean;
  readonly scopes: string;
  readonly token?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  readonly reordered: number;
  readonly forged: number;
  readonly live: number;
  readonly journal?: string;
}

const DEFAULT_DOMAIN = 'driftless-demo.myshopify.com';

const program = new Command('simulator')
  .description(
    'A Shopify Admin API 2026-10 that lies as the real one does. For tests, demonstrations, benchmarks.',
  )
  .option('--port <port>', 'where to listen on 127.0.0.1; 0 picks a free port', wholeNumber, 0)
  .option('--seed <number>', 'the same seed makes the same shops and the same chance', wholeNumber, 1)
  .option('--shop <domain>', 'a shop, ending in .myshopify.com; may be repeated', collect)
  .addOption(plan())
  .option('--customers <count>', 'customers of each shop', wholeNumber, 1000)
  .option('--products <count>', 'products of each shop', wholeNumber, 100)
  .option('--orders <count>', 'orders of each shop', wholeNumber, 2000)
  .option('--mixed-ids', 'ids of 3 to 19 digits, some above 2^53', false)
  .addOption(costModel())
  .option('--replica-lag <ms>', 'reads by id and lists are this far behind', wholeNumber, 0)
  .option('--index-lag <ms>', 'searches are this far behind', wholeNumber, 0)
  .option('--whole-day-customers', "the customers' updated_at filter matches whole days", false)
  .option('--scopes <list>', 'what the app was granted, comma separated', DEFAULT_SCOPES.join(','))
  .option('--token <token>', 'the static token; each shop has its own unless given')
  .option('--client-id <id>', 'for the client-credentials grant')
  .option('--client-secret <secret>', 'for the grant, and to sign webhooks')
  .option('--lost <chance>', 'chance (0 to 1) that a webhook is never sent', chance, 0)
  .option('--doubled <chance>', 'that it is sent twice', chance, 0)
  .option('--late <chance>', 'that it comes a minute late', chance, 0)
  .option('--reordered <chance>', 'that a later one overtakes it', chance, 0)
  .option('--forged <chance>', 'that a wrongly signed copy follows', chance, 0)
  .option('--live <number>', 'changes per second in each shop', rate, 0)
  .option('--journal <file>', 'keeps what happens, so that the next start goes on from there');

function plan(): Option {
  const plans = ['standard', 'advanced', 'plus', 'enterprise'];
  return new Option('--plan <plan>', 'decides the rate limit').choices(plans).default('standard');
}

function costModel(): Option {
  const text = 'pessimistic charges what Shopify gives free';
  return new Option('--cost-model <model>', text).choices(['observed', 'pessimistic']).default('observed');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function chance(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a number from 0 to 1.');
  return value;
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 10_000)) throw new InvalidArgumentError('Give a number from 0 to 10000.');
  return value;
}

function collect(domain: string, before: readonly string[] = []): readonly string[] {
  return [...before, domain];
}

/** Makes one shop as the options say, or as it was left. */
function open(simulator: Simulator, domain: string, options: Options, journal: Journal | null): Shop {
  const { plan, seed, customers, products, orders, mixedIds, token, clientId, clientSecret } = options;
  addShop(simulator, {
    domain,
    plan,
    mixedIdLengths: mixedIds,
    population: { seed, customers, products, orders },
    ...(journal && { filledAt: journal.filledAt(domain) }),
    installation: {
      scopes: options.scopes.split(',').filter(Boolean),
      ...(token !== undefined && { accessToken: token }),
      ...(clientId !== undefined && { clientId }),
      ...(clientSecret !== undefined && { clientSecret }),
    },
  });
  const shop = simulator.shops.get(domain);
  if (!shop) throw new Error(`${domain} was not opened.`);
  journal?.resume(shop);
  const { lost, doubled, late, reordered, forged, replicaLag, indexLag } = options;
  setFaults(shop, {
    webhooks: { lost, doubled, late, reordered, forged },
    consistency: {
      replicaLagMs: replicaLag,
      indexLagMs: indexLag,
      customersByWholeDay: options.wholeDayCustomers,
    },
  });
  return shop;
}

function stop(reason: string): never {
  console.error(reason);
  process.exit(1);
}

/** A shop that was started before must not go through the same chance again: its webhooks would have the same ids. */
function openJournal(options: Options, domains: readonly string[]): [Journal | null, seed: number | string] {
  const { seed, customers, products, orders, mixedIds, journal: file } = options;
  if (file === undefined) return [null, seed];
  const journal = new Journal(file, ({ message }) => stop(message));
  const starts = domains.map((domain) =>
    journal.enter({ domain, seed, customers, products, orders, mixedIds }, Date.now()),
  );
  const most = Math.max(...starts);
  return [journal, most === 1 ? seed : `${seed}/${most}`];
}

async function main(options: Options): Promise<void> {
  // A parent that died cannot ask us to stop, and a port must not stay behind.
  process.once('disconnect', () => process.exit(0));
  const domains = options.shop ?? [DEFAULT_DOMAIN];
  const [journal, seed] = openJournal(options, domains);
  const simulator = createSimulator({ seed, costModel: options.costModel });
  for (const domain of domains) {
    console.error(`Filling ${domain} …`);
    const shop = open(simulator, domain, options, journal);
    startLive(shop, options.live, journal ? undefined : options.seed);
  }
  const server = await startServer(simulator, { port: options.port });
  const shops = [...simulator.shops.values()];
  process.stdout.write(`${JSON.stringify({ url: server.url, shops: shops.map(presented) })}\n`);
  const end = async () => {
    for (const shop of shops) startLive(shop, 0);
    await server.close();
    journal?.close();
    process.exit(0);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

/** What whoever typed the options can mend is said; anything else is a bug. */
function toldOf(error: unknown, { port }: Options): string {
  if (error instanceof JournalRefused) return error.message;
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof BadRequest) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return `Port ${port} is in use: give another --port, or 0 for any free one.`;
  throw error;
}

const options = program.parse().opts<Options>();
await main(options).catch((error: unknown) => stop(toldOf(error, options)));
