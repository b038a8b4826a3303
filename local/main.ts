import { Command, InvalidArgumentError, Option } from 'commander';
import { Reject, Transient } from '../src/failures.ts';
import { certificateTable } from './certificates.ts';
import { DEMO_DEFAULTS } from './demo.ts';
import { demonstration } from './demonstration.ts';
import { loadEnvironment, namesStore, tellingOf } from './environment.ts';
import { once } from './once.ts';
import { realStores } from './realStores.ts';
import { openScreen } from './screen.ts';
import { screenLog } from './screenLog.ts';
import type { Options, Session } from './session.ts';

/**
 * `npm start`: with nothing configured, a simulated store, mirrored live; with SHOPIFY_SHOP and credentials in
 * the environment or in `.env`, that store. `--once` runs unattended and ends with one line of JSON.
 */
const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
};

const program = new Command('npm start --')
  .description(
    'Mirrors Shopify stores into a database and keeps it true.\n\n' +
      'With nothing configured it mirrors a simulated store, which changes and whose webhooks go wrong. A real ' +
      'store is named in .env or in the environment, see .env.example. Ctrl-C stops at any moment; the next ' +
      'start goes on from there.',
  )
  .option('--data <directory>', 'where the embedded database and the queues are kept', '.driftless')
  .option('--demo', 'the simulated store, even if a real one is configured')
  .option('--once', 'the simulated store, unattended: mirror, change, reconcile, compare; prints JSON')
  .optionsGroup('The simulated store:')
  .option('--customers <n>', 'customers that it has', whole, DEMO_DEFAULTS.customers)
  .option('--products <n>', 'products', whole, DEMO_DEFAULTS.products)
  .option('--orders <n>', 'orders', whole, DEMO_DEFAULTS.orders)
  .option('--seed <n>', 'the same seed makes the same store and the same faults', whole, DEMO_DEFAULTS.seed)
  .addOption(
    new Option('--plan <plan>', 'decides the rate limit')
      .choices(['standard', 'advanced', 'plus', 'enterprise'])
      .default(DEMO_DEFAULTS.plan),
  )
  .addOption(
    new Option('--cost-model <model>', 'pessimistic charges what Shopify gives free')
      .choices(['observed', 'pessimistic'])
      .default(DEMO_DEFAULTS.costModel),
  )
  .optionsGroup('With --once:')
  .option('--changes <n>', 'changes to make', whole, DEMO_DEFAULTS.changes)
  .option('--rate <n>', 'how many a second', whole, DEMO_DEFAULTS.rate);

async function main(): Promise<number> {
  const options = program.parse().opts<Options>();
  const screen = openScreen(process.stderr);
  const stopping = new AbortController();
  const interrupt = () => {
    if (stopping.signal.aborted) process.exit(130);
    screen.say('Stopping …');
    stopping.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const told = tellingOf(process.env);
  const session = { options, screen, log: screenLog(screen), told, signal: stopping.signal };
  try {
    if (options.once) return await unattended(session);
    return await attended(session);
  } catch (error) {
    if (stopping.signal.aborted) return 130;
    if (!(error instanceof Reject || error instanceof Transient)) throw error;
    screen.say(`${screen.paint('red', 'Driftless stops:')} ${error.message}`);
    return 1;
  } finally {
    screen.close();
  }
}

async function unattended({ options, screen, log, told, signal }: Session): Promise<number> {
  const { report, differences, certificates } = await once(options, screen, log, told, signal);
  for (const line of certificateTable(certificates, screen.paint)) screen.say(line);
  for (const { where } of differences.slice(0, 10)) screen.say(`differs: ${where}`);
  const explained = Object.values(report.gapCauses).reduce((sum, n) => sum + n, 0);
  if (explained !== report.gapsHealed)
    screen.say(`${report.gapsHealed - explained} healed gaps have no cause`);
  screen.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.converged && explained === report.gapsHealed ? 0 : 1;
}

async function attended(session: Session): Promise<number> {
  const env = loadEnvironment();
  const telling = { ...session, told: tellingOf(env) };
  if (session.options.demo || !namesStore(env)) await demonstration(telling);
  else await realStores(session, env);
  session.screen.close();
  session.screen.say('Stopped.');
  return 0;
}

process.exitCode = await main();
