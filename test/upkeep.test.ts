import { afterEach, expect, test } from 'vitest';
import { World } from './world.ts';

/** The hourly look at a store: what it owes is enqueued before it does what makes the debt invisible. */
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

test('what happened while subscriptions were missing is found, even if the process dies after mending them', async () => {
  let dead = false;
  world = await World.create({
    size: { customers: 10, products: 2, orders: 0 },
    database: (real) =>
      new Proxy(real, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            if (dead) throw new Error('the process died here');
            return await value.apply(target, args);
          };
        },
      }),
  });
  await world.mirrored();
  const standing = world.shop.subscriptions.size;
  const [gone] = [...world.shop.customers.values()];
  world.shop.subscriptions.clear();
  world.shop.customers.delete(gone!.id);
  world.rewrite = (body) => {
    dead ||= body.includes('webhookSubscriptionCreate');
    return body;
  };
  await expect(world.connect()).rejects.toThrow('died');
  expect(world.shop.subscriptions.size).toBe(standing);
  dead = false;
  world.rewrite = (body) => body;
  world.service = world.process();
  await world.connect();
  await world.live(5 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
});
