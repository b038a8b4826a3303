import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { campaign, type Failure } from './campaign.ts';
import { Exercised } from './exercised.ts';
import { Ground } from './ground.ts';
import { plan } from './plan.ts';
import { simulate } from './simulate.ts';

/**
 * `npm run simulate -- --runs 10000 --seed 1`: random worlds, random faults, the rules checked after every step.
 * Exit 1 when a rule is broken, or when a fault or crash point was never exercised. `--steps <json or file>` plays one
 * plan again, as a failure printed it.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    steps: { type: 'string' },
  },
});

const whole = (text: string, option: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} is no whole number from 1 on`);
  return number;
};

async function replay(text: string): Promise<number> {
  const json = text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8');
  const ground = await Ground.open('replay');
  const { violations } = await simulate(ground, plan.parse(JSON.parse(json)));
  await ground.close();
  for (const violation of violations) console.log(violation);
  console.log(violations.length === 0 ? 'every rule held' : `${violations.length} broken`);
  return violations.length === 0 ? 0 : 1;
}

async function run(): Promise<number> {
  const [runs, seed, threads] = [
    whole(values.runs, 'runs'),
    whole(values.seed, 'seed'),
    whole(values.threads, 'threads'),
  ];
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let done = 0;
  const { counts, failures } = await campaign({ runs, seed, threads }, (more) => {
    done += more;
    if (done % 500 === 0) console.error(`${done} of ${runs} runs, ${perSecond(done, startedAt)} a second`);
  });
  for (const failure of failures) explain(failure);
  const exercised = new Exercised();
  exercised.add(counts);
  for (const line of exercised.lines()) console.log(line);
  for (const name of exercised.never) console.log(`never exercised: ${name}`);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = ((user + system) / 1_000 / counts.runs).toFixed(0);
  console.log(
    `${counts.runs} runs from seed ${seed}, ${perSecond(counts.runs, startedAt)} a second on ${threads} thread(s), ${cpuMs} ms of processor time each: ${failures.length === 0 ? 'every rule held' : `${failures.length} failed`}`,
  );
  return failures.length + exercised.never.length === 0 ? 0 : 1;
}

const perSecond = (runs: number, startedAt: number): string =>
  ((runs * 1_000) / (performance.now() - startedAt)).toFixed(1);

/** As something to paste into a test, or after `--steps`. */
function explain({ seed, violations, smallest }: Failure): void {
  console.log(`seed ${seed} broke a rule; ${smallest.steps.length} steps are left of it:`);
  for (const violation of violations) console.log(`  ${violation}`);
  const { steps, ...world } = smallest;
  const listed = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n');
  console.log(`  ${JSON.stringify(world).slice(0, -1)},"steps":[\n${listed}\n  ]}\n`);
}

process.exitCode = values.steps === undefined ? await run() : await replay(values.steps);
