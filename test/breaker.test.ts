import { describe, expect, test } from 'vitest';
import { PROBE_EVERY_MS, withBreaker } from '../app/breaker.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Database } from '../src/database.ts';
import { Fenced, LoginRefused, Reject, Transient } from '../src/failures.ts';

/** A database that is away is asked now and then, by one. */

/** A database that does what a test wants, behind the breaker. */
async function breaking() {
  const state = {
    now: 0,
    asked: 0,
    opened: 0,
    closed: 0,
    failure: null as Error | null,
    cannotOpen: null as Error | null,
  };
  const real = await openSqlite(':memory:', { clock: () => state.now, nonce: () => 'n' });
  const database: Database = {
    ...real,
    close: async () => {
      state.closed++;
      await real.close();
    },
    stores: async () => {
      state.asked++;
      if (state.failure !== null) throw state.failure;
      return await real.stores();
    },
  };
  const open = async () => {
    state.opened++;
    if (state.cannotOpen !== null) throw state.cannotOpen;
    return database;
  };
  return { state, broken: withBreaker(open, () => state.now) };
}

const away = new Transient('no route to the server');
const outcome = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

async function failures(database: Database, count: number): Promise<void> {
  for (let n = 0; n < count; n++) expect(await outcome(database.stores())).toBe(away);
}

describe('a database behind the breaker', () => {
  test('is opened by whoever asks first, once', async () => {
    const { state, broken } = await breaking();
    expect(state.opened).toBe(0);
    expect(await broken).toBe(broken);
    await Promise.all([broken.stores(), broken.stores()]);
    expect(state).toMatchObject({ opened: 1, asked: 2 });
    await broken.close();
  });

  test('is closed without ever having been opened', async () => {
    const { state, broken } = await breaking();
    await broken.close();
    expect(state.opened).toBe(0);
  });

  test('is asked no more after three failures in a row, and everybody is told why and until when', async () => {
    const { state, broken } = await breaking();
    state.failure = away;
    await failures(broken, 3);
    state.now = 10_000;
    const refused = await outcome(broken.stores());
    expect(refused).toBeInstanceOf(Transient);
    expect(refused).toMatchObject({
      message: 'the database is away: no route to the server',
      retryAfterMs: PROBE_EVERY_MS - 10_000,
    });
    expect(state.asked).toBe(3);
  });

  test('goes on as long as successes lie between: a deadlock is no outage', async () => {
    const { state, broken } = await breaking();
    for (let n = 0; n < 5; n++) {
      state.failure = away;
      await failures(broken, 2);
      state.failure = null;
      expect(await outcome(broken.stores())).toEqual([]);
    }
    expect(state.asked).toBe(15);
  });

  test('is asked by one of many when the time has come, and by the next only half a minute later', async () => {
    const { state, broken } = await breaking();
    state.failure = away;
    await failures(broken, 3);
    for (let probes = 1; probes <= 3; probes++) {
      state.now += PROBE_EVERY_MS;
      await Promise.all(Array.from({ length: 20 }, () => outcome(broken.stores())));
      expect(state.asked).toBe(3 + probes);
    }
  });

  test('is there for everybody as soon as one was answered', async () => {
    const { state, broken } = await breaking();
    state.failure = away;
    await failures(broken, 3);
    state.failure = null;
    state.now += PROBE_EVERY_MS;
    for (let n = 0; n < 5; n++) expect(await outcome(broken.stores())).toEqual([]);
    state.failure = away;
    await failures(broken, 3);
    expect(await outcome(broken.stores())).not.toBe(away);
  });

  test.each([new Fenced('another'), new Error('a bug'), new Reject('a row that is not right')])(
    'that answers with a failure of its own ($message) is there',
    async (failure) => {
      const { state, broken } = await breaking();
      state.failure = failure;
      for (let n = 0; n < 5; n++) expect(await outcome(broken.stores())).toBe(failure);
    },
  );

  test('that no longer takes the login is opened anew, once for all who were refused', async () => {
    const { state, broken } = await breaking();
    await broken.stores();
    state.failure = new LoginRefused('the password was changed');
    const refused = await Promise.all([outcome(broken.stores()), outcome(broken.stores())]);
    expect(refused).toEqual([state.failure, state.failure]);
    state.failure = null;
    await outcome(broken.stores());
    expect(state).toMatchObject({ opened: 2, closed: 1 });
  });

  test('that cannot be opened is away, whatever the reason', async () => {
    const { state, broken } = await breaking();
    state.cannotOpen = new Reject('the schema is older than this release: run the migrations');
    for (let n = 0; n < 3; n++) expect(await outcome(broken.stores())).toBe(state.cannotOpen);
    expect(await outcome(broken.stores())).toMatchObject({
      message: 'the database is away: the schema is older than this release: run the migrations',
    });
    expect(state.opened).toBe(3);
    state.cannotOpen = null;
    state.now += PROBE_EVERY_MS;
    expect(await broken.stores()).toEqual([]);
  });
});
