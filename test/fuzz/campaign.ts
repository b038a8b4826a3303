import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from '../../simulator/random.ts';
import type { Attempt, Ground } from './attempt.ts';
import { nextAttempt } from './kinds.ts';
import { Target } from './target.ts';
import { sendBytes, WIRE, WIRE_NAMES } from './wire.ts';

/**
 * Requests that nobody should send, at the door in process and, one in fifty, over HTTP as well. Each must be refused
 * or harmless: no 5xx, no signal without a right signature, and in the end not one changed row.
 */
export interface CampaignOptions {
  readonly requests: number;
  readonly seed: number;
  /** The heap is measured from here on. */
  readonly warmUp: number;
  readonly say: (line: string) => void;
}

export interface Outcome {
  /** How often each kind was answered with each status. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<number | 'closed', number>>;
  readonly requests: number;
  readonly overHttp: number;
  readonly signals: number;
  readonly perSecond: number;
  readonly heapGrowthBytes: number;
  readonly broken: readonly string[];
}

const HTTP_EVERY = 50;
const HTTP_AT_ONCE = 8;
const SETTLE_EVERY = 10_000;
const BROKEN_MAX = 20;
export const HEAP_GROWTH_BYTES_MAX = 32 * 1024 * 1024;

export async function campaign(options: CampaignOptions): Promise<Outcome> {
  const target = await Target.open(options.seed);
  try {
    return await against(target, options);
  } finally {
    await target.close();
  }
}

async function against(target: Target, { requests, seed, warmUp, say }: CampaignOptions): Promise<Outcome> {
  const ground: Ground = {
    random: new Random(`fuzz/${seed}`),
    originals: target.originals,
    secrets: [target.world.shop.installation.clientSecret, Target.PREVIOUS],
    domain: target.world.shop.profile.domain,
  };
  const judge = new Judge(target);
  const before = await target.rows();
  const startedAt = performance.now();
  let heapBefore = 0;
  let overHttp = 0;
  for (let n = 1; n <= requests; n++) {
    await judge.inProcess(nextAttempt(ground));
    if (n % (HTTP_EVERY * HTTP_AT_ONCE) === 0) {
      const some = Array.from({ length: HTTP_AT_ONCE }, () => nextAttempt(ground));
      await Promise.all(some.map((attempt) => judge.overHttp(attempt, ground.random)));
      overHttp += some.length;
    }
    if (n % SETTLE_EVERY === 0) await target.settle();
    if (n === warmUp) heapBefore = heapUsed();
    if (n % 100_000 === 0)
      say(`${n} of ${requests}, ${Math.round((n * 1_000) / (performance.now() - startedAt))} a second`);
  }
  const perSecond = (requests * 1_000) / (performance.now() - startedAt);
  await target.settle();
  const heapGrowthBytes = heapUsed() - heapBefore;
  await target.world.live(20 * 60_000, 60_000);
  if ((await target.rows()) !== before) judge.broken.push('rows of the mirror are not what they were');
  if (heapGrowthBytes >= HEAP_GROWTH_BYTES_MAX)
    judge.broken.push(`the heap grew by ${heapGrowthBytes} bytes after request ${warmUp}`);
  const { counts, broken } = judge;
  return { counts, requests, overHttp, signals: target.signals, perSecond, heapGrowthBytes, broken };
}

/** Sends attempts and says what is wrong with the answers. */
class Judge {
  readonly counts = new Map<string, Map<number | 'closed', number>>();
  readonly broken: string[] = [];
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  async inProcess(attempt: Attempt): Promise<void> {
    const signals = this.#target.signals;
    try {
      const status = await this.#target.invoke(attempt);
      this.#note(attempt, attempt.kind, status);
      if (attempt.signature === 'wrong' && this.#target.signals > signals)
        this.#breaks(attempt, 'made a signal without a signature');
    } catch (error) {
      this.#note(attempt, attempt.kind, 500);
      this.#breaks(attempt, `threw ${error}`);
    }
  }

  async overHttp(attempt: Attempt, random: Random): Promise<void> {
    if (random.chance(0.7)) this.#note(attempt, attempt.kind, await this.#target.post(attempt));
    else {
      const name = random.pick(WIRE_NAMES);
      const bytes = WIRE[name]!(random, attempt);
      this.#note(attempt, `wire: ${name}`, await sendBytes(this.#target.port, bytes));
    }
  }

  #note(attempt: Attempt, kind: string, status: number | 'closed'): void {
    const byStatus = this.counts.get(kind) ?? new Map<number | 'closed', number>();
    this.counts.set(kind, byStatus.set(status, (byStatus.get(status) ?? 0) + 1));
    if (status !== 'closed' && !(status >= 200 && status < 500))
      this.#breaks(attempt, `was answered ${status}`);
    if (status === 200 && attempt.signature === 'wrong') this.#breaks(attempt, 'was accepted');
  }

  #breaks({ kind, headers, body }: Attempt, what: string): void {
    if (this.broken.length >= BROKEN_MAX) return;
    const shown = Buffer.from(body.slice(0, 300)).toString('base64');
    this.broken.push(`${kind} ${what}: ${JSON.stringify(headers).slice(0, 1_000)} ${shown}`);
  }
}

/** After collecting garbage. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let times = 0; times < 3; times++) collect();
  return process.memoryUsage().heapUsed;
}
