import { afterEach, expect, test } from 'vitest';
import host from '../host.json' with { type: 'json' };
import { FunctionApp } from './function-app.ts';
import { knockAt } from './webhook-requests.ts';
import { World } from './world.ts';

/** What a bug does to messages, with the registered functions as host.json runs them. */
let world: World;
afterEach(() => world.close());

const HOUR = 3_600_000;
const TRIES = host.extensions.queues.maxDequeueCount;

test('what a bug refuses is tried again ever more rarely, and takes effect when the bug is gone', async () => {
  world = await World.create({ size: { customers: 3, products: 1, orders: 2 } });
  await world.mirrored();
  const app = await FunctionApp.of(world, ['Tick']);
  const sound = world.service;
  const database = {
    ...world.database,
    mark: async () => {
      throw new TypeError('a bug');
    },
  };
  world.service = { ...sound, database };
  await knockAt(world);
  await app.live(4 * HOUR, 60_000);
  // host.json's tries, then after 1, 4, 16 and 64 minutes as many more each; the next come after 256.
  expect(app.failed).toEqual(Array(TRIES * 5).fill('SignalWorker'));
  expect(world.queues.poisonLength('signals') + world.queues.length('signals')).toBe(1);
  world.service = sound;
  const storeId = await world.storeId();
  expect(await world.database.deliveryQuality(storeId, 100 * HOUR)).toEqual([]);
  await app.live(5 * HOUR, 120_000);
  expect(app.failed).toHaveLength(TRIES * 5);
  expect(world.queues.poisonLength('signals') + world.queues.length('signals')).toBe(0);
  expect(await world.database.deliveryQuality(storeId, 100 * HOUR)).toHaveLength(1);
});
