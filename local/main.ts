import { Command, InvalidArgumentError } from 'commander';
import { Reject, Transient } from '../src/failures.ts';
import type { Log } from '../src/log.ts';
import { DEMO_DEFAULTS, type DemoOptions, SHORT_SCHEDULES, SHORTENED } from './demo.ts';
import { loadEnvironment, startDriftless } from './driftless.ts';
import { live } from './live.ts';
import { once } from './once.ts';
import { openScreen, type Screen } from './screen.ts';
import { SimulatedShop } from './simulated.ts';

/**
 * `npm start`: with nothing configured, a simulated store, mirrored live; with SHOPIFY_SHOP and credentials in
 * the environment or in `.env`, that store. `--once` runs unattended and ends with one line of JSON.
 */
const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number');
  return Number(text);
};

interface Options extends DemoOptions {
  readonly once: boolean;
  readonly data: string;
}

const program = new Command('npm start --')
  .description('Mirrors a Shopify store into a database and keeps it true.')
  .option('--once', 'run unattended against the simulated store and print a JSON report', false)
  .option('--seed <n>', 'seed of the simulated store and its faults', whole, DEMO_DEFAULTS.seed)
  .option('--plan <plan>', 'standard, advanced, plus or enterprise', DEMO_DEFAULTS.plan)
  .option('--cost-model <model>', 'observed or pessimistic', DEMO_DEFAULTS.costModel)
  .option('--customers <n>', 'size of the simulated store', whole, DEMO_DEFAULTS.customers)
  .option('--products <n>', 'size of the simulated store', whole, DEMO_DEFAULTS.products)
  .option('--orders <n>', 'size of the simulated store', whole, DEMO_DEFAULTS.orders)
  .option('--changes <n>', 'changes made with --once', whole, DEMO_DEFAULTS.changes)
  .option('--rate <n>', 'changes per second with --once', whole, DEMO_DEFAULTS.rate)
  .option('--data <directory>', 'where the embedded database and the queues are kept', '.driftless');

async function main(): Promise<number> {
  const options = program.parse().opts<Options>();
  const screen = openScreen(process.stderr);
  const stopping = new AbortController();
  const interrupt = () => (stopping.signal.aborted ? process.exit(130) : stopping.abort());
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const log: Log = (level, message) => {
    if (level === 'error' || level === 'warning') screen.say(`${level}: ${message}`);
  };
  try {
    return options.once
      ? await unattended(options, screen, log, stopping.signal)
      : await attended(options, screen, log, stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return 130;
    if (error instanceof Reject || error instanceof Transient) {
      screen.say(`Driftless cannot start: ${error.message}`);
      return 1;
    }
    throw error;
  } finally {
    screen.close();
  }
}

async function unattended(options: Options, screen: Screen, log: Log, signal: AbortSignal): Promise<number> {
  const { report, differences } = await once(options, screen, log, signal);
  for (const { where } of differences.slice(0, 10)) screen.say(`differs: ${where}`);
  screen.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.converged ? 0 : 1;
}

async function attended(options: Options, screen: Screen, log: Log, signal: AbortSignal): Promise<number> {
  const env = loadEnvironment();
  const shop = env['SHOPIFY_SHOP']
    ? null
    : await SimulatedShop.start({ ...options, journal: `${options.data}/demo/shop.ndjson` });
  try {
    const driftless = await startDriftless({
      env: shop ? { ...env, ...shop.env, ...SHORTENED, ...SHORT_SCHEDULES } : env,
      dataDir: shop ? `${options.data}/demo` : options.data,
      timers: true,
      log,
      webhooksToHost: shop !== null,
    });
    try {
      await live({ driftless, screen, signal, shop, seed: options.seed });
    } finally {
      screen.say('Stopping…');
      await driftless.stop();
    }
  } finally {
    await shop?.stop();
  }
  return 0;
}

process.exitCode = await main();
