import { afterEach, expect, test } from 'vitest';
import { World } from './world.ts';

const size = { customers: 60, products: 20, orders: 60 };
let world: World;
afterEach(() => world.close());

test('a store is mirrored field by field', async () => {
  world = await World.create({ size });
  await world.mirrored();
  expect((await world.differences()).map(({ where }) => where)).toEqual([]);
});
