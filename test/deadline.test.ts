import { afterEach, describe, expect, test } from 'vitest';
import { doWork, type Work, work } from '../reconcile/work.ts';
import { type Alarm, DEADLINE_MS, Late, queueHandler, within } from '../src/deadline.ts';
import { createGate } from '../src/gate.ts';
import { type Log, silent } from '../src/log.ts';
import type { Message, Queues } from '../src/queues.ts';
import { untold } from '../src/telemetry.ts';
import { World } from './world.ts';

/** An invocation ends itself before Azure ends its process. */

/** An alarm that a test rings. */
function handAlarm() {
  const bells: { readonly ms: number; readonly controller: AbortController; disposed: boolean }[] = [];
  const alarm: Alarm = (ms) => {
    const bell = { ms, controller: new AbortController(), disposed: false };
    bells.push(bell);
    return {
      signal: bell.controller.signal,
      [Symbol.dispose]: () => {
        bell.disposed = true;
      },
    };
  };
  return { alarm, bells, ring: () => bells.at(-1)!.controller.abort() };
}

/** Queues that only remember. */
function remembered() {
  const sent: { readonly queue: string; readonly message: Message; readonly delayMs: number }[] = [];
  const queues: Queues = {
    send: async (queue, message, { delayMs = 0 } = {}) => void sent.push({ queue, message, delayMs }),
    poisoned: async () => [],
  };
  return { sent, queues };
}

const never = new Promise<never>(() => {});

/** What it comes to within a few turns: whoever hangs fails at once, and says so. */
async function soon<T>(work: Promise<T>): Promise<T | 'still waited for'> {
  const turns = async () => {
    for (let n = 0; n < 20; n++) await new Promise(setImmediate);
    return 'still waited for' as const;
  };
  return await Promise.race([work, turns()]);
}

test('the deadline is two minutes before that of the host', async () => {
  const { default: host } = await import('../host.json', { with: { type: 'json' } });
  expect(host.functionTimeout).toBe('00:10:00');
  expect(DEADLINE_MS).toBe(8 * 60_000);
});

describe('work within the deadline', () => {
  test('gives its result, and takes the alarm back', async () => {
    const { alarm, bells } = handAlarm();
    expect(await within(alarm, async () => 42)).toBe(42);
    expect(bells).toMatchObject([{ ms: DEADLINE_MS, disposed: true }]);
  });

  test('throws what it throws', async () => {
    const bug = async () => {
      throw new Error('a bug');
    };
    await expect(within(handAlarm().alarm, bug)).rejects.toThrow('a bug');
  });

  test('is no longer waited for when the alarm rings; what it throws later disturbs nobody', async () => {
    const { alarm, ring } = handAlarm();
    const { promise, reject } = Promise.withResolvers<void>();
    const end = within(alarm, () => promise);
    ring();
    expect(await soon(end)).toBe('late');
    reject(new Error('after the end'));
  });
});

describe('a message that is not done in time', () => {
  const message: Work = { storeId: 1, entity: 'orders', kind: 'sweep', attempt: 3 };

  test('is sent again as it was, and counts as done', async () => {
    const { alarm, ring } = handAlarm();
    const { queues, sent } = remembered();
    const said: string[] = [];
    const log: Log = (name) => void said.push(name);
    const handler = queueHandler(
      async () => ({ queues, alarm, log, telemetry: untold }),
      'sweeps',
      work,
      () => never,
    );
    const handled = handler(message, {});
    await Promise.resolve();
    ring();
    expect(await soon(handled)).toBeUndefined();
    expect(sent).toEqual([{ queue: 'sweeps', message, delayMs: 30_000 }]);
    expect(said).toEqual(['invocationLate']);
  });

  test('is not sent again when it was done', async () => {
    const { alarm } = handAlarm();
    const { queues, sent } = remembered();
    await queueHandler(
      async () => ({ queues, alarm, log: silent, telemetry: untold }),
      'sweeps',
      work,
      async () => {},
    )(message, {});
    expect(sent).toEqual([]);
  });

  test('fails when it is no message of ours', async () => {
    const { alarm } = handAlarm();
    const { queues } = remembered();
    const handler = queueHandler(
      async () => ({ queues, alarm, log: silent, telemetry: untold }),
      'sweeps',
      work,
      async () => {},
    );
    await expect(handler({ storeId: 'one' }, {})).rejects.toThrow();
  });
});

describe('who waits for a place', () => {
  test('goes when the deadline is over, and those behind move up', async () => {
    const gate = createGate(1);
    const inside = Promise.withResolvers<void>();
    const first = gate.enter(1, () => inside.promise);
    const over = new AbortController();
    const worked: number[] = [];
    const second = gate.enter(2, async () => void worked.push(2), over.signal);
    const third = gate.enter(1, async () => void worked.push(1));
    const late = expect(second).rejects.toBeInstanceOf(Late);
    over.abort();
    await late;
    await new Promise(setImmediate);
    // The third has its store inside already: only the second stood in its way.
    expect(worked).toEqual([1]);
    inside.resolve();
    await Promise.all([first, third]);
    expect(await gate.enter(2, async () => 'free again')).toBe('free again');
  });

  test('keeps the place that was given in time', async () => {
    const gate = createGate(1);
    const over = new AbortController();
    const done = gate.enter(
      1,
      async (othersWait) => {
        over.abort();
        return othersWait();
      },
      over.signal,
    );
    expect(await done).toBe(false);
  });
});

describe('with the whole machine', () => {
  let world: World;
  afterEach(() => world.close());

  test('a sweep past its deadline stops after its page and enqueues nothing itself', async () => {
    world = await World.create({ size: { customers: 600, products: 1, orders: 0 }, webhooks: false });
    await world.mirrored();
    const over = new AbortController();
    world.duringNextRequest = () => over.abort();
    const storeId = await world.storeId();
    await doWork(world.service, { storeId, entity: 'customers', kind: 'census', attempt: 0 }, over.signal);
    expect((await world.database.syncState(storeId, 'customers')).census).toMatchObject({ compared: false });
    expect(world.queues.length('sweeps')).toBe(0);
    // Sent again by whoever no longer waited, it goes on where it stood.
    await doWork(world.service, { storeId, entity: 'customers', kind: 'census', attempt: 0 });
    const [certificate] = await world.database.certificates(storeId, 1);
    expect(certificate).toMatchObject({ listed: 600, counted: 600 });
  });
});
