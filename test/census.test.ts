import { afterEach, describe, expect, test } from 'vitest';
import { answer } from '../reconcile/bell.ts';
import { census } from '../reconcile/census.ts';
import { reconcile } from '../reconcile/manual.ts';
import { World } from './world.ts';

/** Detector 3 against what goes on at the same time: reads, another census, a replica that lags. */
const MINUTE = 60_000;
let world: World;
afterEach(() => world.close());

/** A mirrored store whose webhooks are lost from now on. */
async function mirroredUnheard(customers: number): Promise<World> {
  const made = await World.create({ size: { customers, products: 1, orders: 0 } });
  await made.mirrored();
  made.courier.faults = { ...made.courier.faults, lost: 1 };
  return made;
}

const decimal = (gid: string) => gid.slice(gid.lastIndexOf('/') + 1);
const first = () => [...world.shop.customers.values()][0]!;
const isBuried = async (gid: string) => {
  const views = await world.database.mirrorOf(await world.storeId(), 'customers', [decimal(gid)]);
  return (views.get(decimal(gid))?.row?.deletedAt ?? null) !== null;
};
const counted = async () => {
  const [store] = await world.database.stores();
  return await census(world.service, world.service.adminOf(store!), store!, 'customers', () => false);
};

test('a row found gone while it is being read is not forgotten when that read ends', async () => {
  world = await mirroredUnheard(40);
  const { id } = first();
  const storeId = await world.storeId();
  world.wait(10 * MINUTE);
  await world.database.mark(storeId, [
    {
      entity: 'customers',
      id: decimal(id),
      lane: 'sweep',
      reason: 'sweep:newer',
      announces: 'presence',
      expectedUpdatedAt: 1,
      dueInMs: 0,
    },
  ]);
  world.duringNextRequest = async () => {
    // Shopify has answered the read with a live object; then it is deleted, and a census goes by.
    world.wait(1_000);
    world.shop.customers.delete(id);
    world.wait(1_000);
    expect(await counted()).toBe('counted');
  };
  await answer(world.service, { storeId, entity: 'customers' });
  await world.live(5 * MINUTE);
  expect(await isBuried(id)).toBe(true);
});

describe('a census that is asked for while another is under way', () => {
  test('is a content census: the plain one that stopped half way does not stand in for it', async () => {
    world = await mirroredUnheard(600);
    // Tags may change without moving `updatedAt`: no head shows it.
    world.shop.customers.put({ ...first(), tags: ['changed'] });
    const [store] = await world.database.stores();
    const api = world.service.adminOf(store!);
    expect(await census(world.service, api, store!, 'customers', () => true)).toBe('continue');
    const reply = await reconcile(world.service, {
      store: store!.domain,
      entity: 'customers',
      kind: 'content',
    });
    expect(reply.status).toBe(202);
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('is done afterwards: what vanished behind the one at work is found', async () => {
    world = await mirroredUnheard(600);
    const { id } = first();
    const here = world;
    const real = here.simulator.fetch.bind(here.simulator);
    let pages = 0;
    here.simulator.fetch = async (request) => {
      const isPage = (await request.clone().text()).includes('CensusCustomers');
      if (isPage && ++pages === 2) {
        here.wait(1_000);
        here.shop.customers.delete(id);
        here.wait(1_000);
        await here.reconcile('census', ['customers']);
      }
      return await real(request);
    };
    expect(await counted()).toBe('counted');
    await here.live(5 * MINUTE);
    expect(await isBuried(id)).toBe(true);
  });
});

test('a content census is not satisfied by a replica that shows the old content', async () => {
  world = await mirroredUnheard(40);
  world.wait(20 * MINUTE);
  world.shop.consistency.replicaLagMs = 10_000;
  world.shop.customers.put({ ...first(), tags: ['changed'] });
  world.wait(1_000);
  await world.reconcile('content', ['customers']);
  await world.live(5 * MINUTE);
  expect(await world.differences(['customers'])).toEqual([]);
});
