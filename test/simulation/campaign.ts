import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Counts, Exercised } from './exercised.ts';
import { generate } from './generate.ts';
import { Ground } from './ground.ts';
import type { Plan } from './plan.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

/**
 * Many runs, seed after seed, on as many threads as are given; the first failure of each is shrunk. Each thread has a
 * database of its own.
 */
export interface Campaign {
  /** The first plan's seed; the others follow. */
  readonly seed: number;
  readonly runs: number;
  readonly threads: number;
}

export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly smallest: Plan;
}

export interface Result {
  readonly counts: Counts;
  readonly failures: readonly Failure[];
}

/** Failures after which nobody wants to see more. */
const FAILURES_MAX = 3;

export async function campaign(
  { seed, runs, threads }: Campaign,
  onRuns: (runs: number) => void,
): Promise<Result> {
  const shares = Array.from(
    { length: threads },
    (_, i): Share => ({ from: seed + i, until: seed + runs, by: threads }),
  );
  const results = await Promise.all(
    threads === 1
      ? shares.map((share) => play(share, onRuns))
      : shares.map((share) => inThread(share, onRuns)),
  );
  const exercised = new Exercised();
  for (const { counts } of results) exercised.add(counts);
  return { counts: exercised.counts, failures: results.flatMap(({ failures }) => failures) };
}

/** Every `by`-th seed, so that the threads end together. */
interface Share {
  readonly from: number;
  readonly until: number;
  readonly by: number;
}

async function play({ from, until, by }: Share, onRuns: (runs: number) => void): Promise<Result> {
  const ground = await Ground.open(`simulation-${from}`);
  const exercised = new Exercised();
  const failures: Failure[] = [];
  try {
    for (let seed = from; seed < until && failures.length < FAILURES_MAX; seed += by) {
      const plan = generate(seed);
      const { violations, counts } = await simulate(ground, plan);
      exercised.add(counts);
      onRuns(1);
      if (violations.length > 0) failures.push(await explained(ground, plan, violations));
    }
  } finally {
    await ground.close();
  }
  return { counts: exercised.counts, failures };
}

/** The smallest plan that breaks the same rule. */
async function explained(ground: Ground, plan: Plan, violations: readonly string[]): Promise<Failure> {
  const rule = ruleOf(violations[0]!);
  const smallest = await shrink(plan, async (candidate) => {
    const outcome = await simulate(ground, candidate);
    return outcome.violations.some((violation) => ruleOf(violation) === rule);
  });
  return { seed: plan.seed, violations: (await simulate(ground, smallest)).violations, smallest };
}

const ruleOf = (violation: string): string => violation.split(':')[0]!;

type News = { readonly runs: number } | { readonly result: Result };

function inThread(share: Share, onRuns: (runs: number) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: share,
      // GraphQL's own checks on itself cost a tenth of a run.
      env: { ...process.env, NODE_ENV: 'production' },
      // A run leaves nothing behind: a large nursery saves most of the collecting.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    });
    worker.on('message', (news: News) => {
      if ('runs' in news) onRuns(news.runs);
      else resolve(news.result);
    });
    worker.on('error', reject);
  });
}

if (!isMainThread && parentPort !== null && isShare(workerData)) {
  const port = parentPort;
  const tell = (news: News) => port.postMessage(news);
  tell({ result: await play(workerData, (runs) => tell({ runs })) });
}

function isShare(data: unknown): data is Share {
  return typeof data === 'object' && data !== null && 'from' in data && 'until' in data && 'by' in data;
}
