import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../src/certificate.ts';
import type { Database } from '../../src/database.ts';
import type { SyncState } from '../../src/run.ts';
import type { Store } from '../../src/store.ts';
import { Life } from './life.ts';

/** The course of a census: asked for, killed as often as wished at places spread over its ids, until its certificate is complete. */
export interface Course {
  readonly database: Database;
  readonly store: Store;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the service's JavaScript may take. */
  readonly heapMiB: number;
  readonly ids: number;
  readonly interruptions: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly lives: readonly Life[];
  readonly certificate: Certificate;
  readonly seconds: number;
  /** From each kill to the next range: the leases of the dead have to run out. */
  readonly secondsLost: number;
}

const LOOK_MS = 5;
/** Each kill comes this much later after a commit than the one before: listing, comparing and committing all get theirs. */
const LATER_MS = 4;
const LOOK_AT_CERTIFICATES_MS = 500;
const LIMIT_MS = 60 * 60_000;

export async function followed(census: Course): Promise<Outcome> {
  const { interruptions, ids, store, say } = census;
  const startedAt = Date.now();
  const before = await stateOf(census);
  const lives: Life[] = [];
  let lostMs = 0;
  const born = async () => {
    const life = new Life(census);
    lives.push(life);
    await life.opened();
    return life;
  };
  try {
    let life = await born();
    await life.census(store.domain);
    for (let killed = 1; killed <= interruptions; killed++) {
      const place = Math.floor((killed * ids) / (interruptions + 1));
      if ((await beyond(census, life, before, place)) === 'over') break;
      await sleep((killed - 1) * LATER_MS, undefined, { signal: census.signal });
      await life.kill();
      const killedAt = Date.now();
      const reached = (await stateOf(census)).census?.heads ?? ids;
      say(`kill ${killed}, at ${reached} ids`);
      life = await born();
      await beyond(census, life, before, reached + 1);
      lostMs += Date.now() - killedAt;
    }
    const certificate = await completed(census, life, before);
    const seconds = (Date.now() - startedAt) / 1_000;
    await life.end('SIGTERM');
    return { lives, certificate, seconds, secondsLost: lostMs / 1_000 };
  } finally {
    await lives.at(-1)?.end('SIGKILL');
  }
}

const stateOf = ({ database, store }: Course): Promise<SyncState> =>
  database.syncState(store.id, 'customers');

const isOver = (state: SyncState, before: SyncState): boolean => state.lastCensusAt !== before.lastCensusAt;

/** Resolves when the census has compared so many ids, or is over. */
const beyond = (census: Course, life: Life, before: SyncState, heads: number): Promise<'there' | 'over'> =>
  looking(census, life, LOOK_MS, async () => {
    const state = await stateOf(census);
    if (isOver(state, before)) return 'over';
    return (state.census?.heads ?? 0) >= heads ? 'there' : undefined;
  });

/** The certificate, once everything that the census found has been read. */
const completed = (census: Course, life: Life, before: SyncState): Promise<Certificate> =>
  looking(census, life, LOOK_AT_CERTIFICATES_MS, async () => {
    if (!isOver(await stateOf(census), before)) return undefined;
    const [latest] = await census.database.certificates(census.store.id, 1);
    return latest?.completedAt == null ? undefined : latest;
  });

/** Looks until there is something to see. */
async function looking<T>(
  { signal }: Course,
  life: Life,
  everyMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    life.assertAlive();
    if (Date.now() > until) throw new Error('The census does not come to its end within an hour.');
    await sleep(everyMs, undefined, { signal });
  }
}
