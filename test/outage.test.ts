import { afterEach, expect, test } from 'vitest';
import { PROBE_EVERY_MS, withBreaker } from '../app/breaker.ts';
import type { Database } from '../src/database.ts';
import { Transient } from '../src/failures.ts';
import { type Message, QUEUE_NAMES } from '../src/queues.ts';
import { FunctionApp } from './function-app.ts';
import { World } from './world.ts';

/**
 * R4: a database that is away for hours costs delay, not signals. The registered functions, as host.json runs them,
 * for eight simulated hours with traffic, while processes come and go.
 */
const HOUR = 3_600_000;
const OUTAGE = 8 * HOUR;
let world: World;
afterEach(() => world.close());

/** Where the database is, and how often it was asked while it was away. */
const outage = { away: false, asked: 0 };

const unreliable = (real: Database): Database =>
  new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (outage.away) {
          outage.asked++;
          throw new Transient('the database does not answer');
        }
        return await value.apply(target, args);
      };
    },
  });

/** Memory of the process is gone: stores, tokens, and what it knew of the database. */
function startProcess(real: Database): void {
  world.database = withBreaker(
    async () => unreliable(real),
    () => world.now,
  );
  world.service = world.process();
}

/** How often messages were sent from now on, by what `of` says of them; null is not counted. */
function countSends(of: (queue: string, message: Message) => string | null): Map<string, number> {
  const sends = new Map<string, number>();
  const { queues } = world;
  const send = queues.send.bind(queues);
  queues.send = async (queue, message, options) => {
    const name = of(queue, message);
    if (name !== null) sends.set(name, (sends.get(name) ?? 0) + 1);
    await send(queue, message, options);
  };
  return sends;
}

const differences = async () =>
  (await world.differences()).filter(({ where }) => !/Shopify(Product|Variant)Id differs/.test(where));

test('eight hours without a database lose no signal, and hammer neither database nor queue', async () => {
  Object.assign(outage, { away: false, asked: 0 });
  world = await World.create({ size: { customers: 30, products: 8, orders: 30 } });
  const real = world.database;
  await world.mirrored();
  startProcess(real);
  // No sweep and no census: what is right in the end was brought by signals alone.
  const app = await FunctionApp.of(world, ['Tick']);
  await app.live(10 * 60_000, 30_000);
  const sends = countSends((queue, { echo, webhookId }) =>
    queue === 'signals' && echo === false ? String(webhookId) : null,
  );

  outage.away = true;
  // A bell that was rung before finds the database away.
  await world.queues.send('refresh', { storeId: await storeIdOf(real), entity: 'orders' });
  const processes = 3;
  for (let minute = 0; minute < OUTAGE / 60_000; minute += 5) {
    if (minute === 160 || minute === 320) startProcess(real);
    world.change();
    await app.live(5 * 60_000, 30_000);
  }
  const deliveries = sends.size;
  const perSignal = Math.max(...sends.values());
  console.log(
    `${deliveries} deliveries: ${outage.asked} questions to the database, ${perSignal} messages a signal`,
  );
  expect(deliveries).toBeGreaterThan(100);
  expect(world.courier.stats.sent).toBeGreaterThanOrEqual(deliveries);
  expect(outage.asked).toBeLessThanOrEqual(OUTAGE / PROBE_EVERY_MS + processes * 10);
  expect(perSignal).toBeLessThanOrEqual(45);
  expect(await waiting('signals')).toBeGreaterThanOrEqual(deliveries);

  outage.away = false;
  await app.live(20 * 60_000, 30_000);
  expect(await differences()).toEqual([]);
  expect(app.failed).toEqual([]);
  for (const queue of QUEUE_NAMES) expect(world.queues.poisonLength(queue)).toBe(0);
  const quality = await world.database.deliveryQuality(await world.storeId(), OUTAGE + HOUR);
  expect(quality.length).toBeGreaterThan(3);
});

const storeIdOf = async (real: Database): Promise<number> => (await real.stores())[0]!.id;
const waiting = async (queue: string): Promise<number> => world.queues.length(queue);

test('timers that strike while the database is away start their work when it is back', async () => {
  Object.assign(outage, { away: false, asked: 0 });
  world = await World.create({ size: { customers: 20, products: 4, orders: 20 }, webhooks: false });
  const real = world.database;
  await world.mirrored();
  startProcess(real);
  const app = await FunctionApp.of(world);
  await app.live(60_000, 30_000);
  outage.away = true;
  for (let n = 0; n < 20; n++) world.change();
  const sends = countSends((queue) => queue);
  await app.live(OUTAGE, 60_000);
  // Orders are swept each hour, customers every second, products every fourth.
  const sweeps = 8 + 4 + 2;
  expect(await waiting('sweeps')).toBe(sweeps);
  expect(sends.get('sweeps')).toBeLessThanOrEqual(sweeps * 40);
  outage.away = false;
  await app.live(20 * 60_000, 30_000);
  expect(await waiting('sweeps')).toBe(0);
  expect(app.failed).toEqual([]);
});
