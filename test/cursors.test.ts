import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EntityName } from '../src/entities/registry.ts';
import type { Run, RunKind } from '../src/run.ts';
import { type Tampered, tamper } from './tampered.ts';
import { World } from './world.ts';

/** A list that goes round is walked for a few requests, and then its run says so. */
const size = { customers: 12, products: 4, orders: 4 };
const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  world = await World.create({ size });
});
afterEach(() => world.close());

/** Every run there was of one kind, latest last. */
async function runs(kind: RunKind, entity: EntityName): Promise<readonly Run[]> {
  const all: Run[] = [];
  for (let id = 1; ; id++) {
    const run = await world.database.run(id);
    if (run === null) return all;
    if (run.kind === kind && run.entity === entity) all.push(run);
  }
}

type Spoil = (connection: Tampered['data'], nth: number) => void;
const ways: readonly (readonly [string, Spoil])[] = [
  [
    'the same cursor again and again',
    (list) => void Object.assign(list.pageInfo, { hasNextPage: true, endCursor: 'the same' }),
  ],
  [
    'the same page again and again, under fresh cursors',
    (list, nth) => void Object.assign(list.pageInfo, { hasNextPage: true, endCursor: `fresh ${nth}` }),
  ],
  [
    'more, and not where',
    (list) => void Object.assign(list.pageInfo, { hasNextPage: true, endCursor: null }),
  ],
  [
    'empty pages with more behind them',
    (list, nth) => {
      if (nth > 1) list.nodes = [];
      Object.assign(list.pageInfo, { hasNextPage: true, endCursor: `fresh ${nth}` });
    },
  ],
  [
    'two pages in turn',
    (list, nth) => {
      const half = list.nodes.length / 2;
      list.nodes = nth % 2 === 1 ? list.nodes.slice(0, half) : list.nodes.slice(half);
      Object.assign(list.pageInfo, { hasNextPage: true, endCursor: `fresh ${nth}` });
    },
  ],
];
/** Whatever cursor is asked for, the list begins anew: the simulator would refuse one that it never gave. */
const asked = () => {
  world.rewrite = (body) =>
    body.includes('"Sweep') || body.includes('"Census') || body.includes('ProductVariants')
      ? body.replace(/"after":"[^"]*"/, '"after":null')
      : body;
};

/** A list of 12 customers that never ends, and how often it was asked within an hour. */
async function goingRound(kind: 'sweep' | 'census', spoil: Spoil) {
  await world.mirrored();
  for (const { id } of world.shop.customers.values())
    world.edit(id, { note: 'so that it lies in the window' });
  await world.live(2 * MINUTE);
  asked();
  const operation = kind === 'sweep' ? 'SweepCustomers' : 'CensusCustomers';
  const tampering = tamper(world, ({ operation: name, data, nth }) => {
    if (name === operation) spoil(data.customers, nth);
  });
  await world.reconcile(kind, ['customers']);
  const once = tampering.requests.get(operation) ?? 0;
  await world.live(60 * MINUTE, MINUTE);
  return { once, inAnHour: tampering.requests.get(operation) ?? 0, tampering };
}

describe.each(ways)('a list that answers %s', (_, spoil) => {
  test.each(['sweep', 'census'] as const)(
    'ends a %s with a reason, and is tried again ever later',
    async (kind) => {
      const certified = async () => (await world.database.certificates(await world.storeId(), 50)).length;
      const { once, inAnHour, tampering } = await goingRound(kind, spoil);
      expect(once).toBeLessThanOrEqual(6);
      expect(inAnHour).toBeLessThanOrEqual(60);
      const all = await runs(kind, 'customers');
      expect(all.filter(({ state }) => state === 'running')).toEqual([]);
      expect(all.at(-1)?.message).toMatch(/Shopify/);
      const before = await certified();
      tampering.end();
      world.rewrite = (body) => body;
      world.courier.faults = { ...world.courier.faults, lost: 1 };
      world.change('customer-edit');
      await world.live(60 * MINUTE, MINUTE);
      expect(await world.differences(['customers'])).toEqual([]);
      if (kind === 'census') expect(await certified()).toBeGreaterThan(before);
    },
  );
});

describe('a nested list whose pages', () => {
  const giant = () => [...world.shop.products.values()].find(({ variants }) => variants.length > 200)!;
  test.each<readonly [string, Spoil]>([ways[0]!, ways[1]!, ways[2]!])(
    'answer %s parks its object, and no other',
    async (_, spoil) => {
      expect(giant()).toBeDefined();
      const id = giant().id.split('/').at(-1)!;
      asked();
      const tampering = tamper(world, ({ operation, data, nth }) => {
        if (operation === 'ReadProductVariants') spoil(data.parent.variants, nth);
      });
      await world.mirrored();
      const storeId = await world.storeId();
      const held = (await world.database.mirrorRows(storeId, 'products', null, 100)).map(({ key }) => key);
      expect(held).not.toContain(id);
      expect(held).toHaveLength(world.shop.products.size - 1);
      expect((await world.database.status(storeId)).rejects).toBe(1);
      expect((await world.database.keyStory(storeId, 'products', id)).reject?.reason).toMatch(/list/);
      expect(tampering.requests.get('ReadProductVariants')).toBeLessThanOrEqual(12);
      tampering.end();
      world.rewrite = (body) => body;
      await world.live(60 * MINUTE, MINUTE);
      expect(await world.differences(['products'])).toEqual([]);
    },
  );
});

test('an object whose later page is none is put off alone: the others of its batch are mirrored', async () => {
  const tampering = tamper(world, ({ operation, data }) => {
    if (operation === 'ReadProductVariants') data.parent.variants = null;
  });
  await world.mirrored();
  expect(tampering.requests.get('ReadProductVariants')).toBeGreaterThan(0);
  // A list that is null without an error is no answer (R9): its mark stays, and it is read again.
  const { rows, marksWaiting } = await world.database.status(await world.storeId());
  expect([rows['Products'], marksWaiting]).toEqual([world.shop.products.size - 1, 1]);
  tampering.end();
  await world.live(60 * MINUTE, MINUTE);
  expect(await world.differences(['products'])).toEqual([]);
});

test('a sweep whose list goes round is found out although every slice of it is one page long', async () => {
  await world.mirrored();
  for (const { id } of world.shop.customers.values())
    world.edit(id, { note: 'so that it lies in the window' });
  await world.live(2 * MINUTE);
  asked();
  // The other store waits for the place at every page.
  world.service = { ...world.service, gate: { enter: (_, work) => work(() => true) } };
  const tampering = tamper(world, ({ operation, data, nth }) => {
    if (operation === 'SweepCustomers') ways[1]![1](data.customers, nth);
  });
  const storeId = await world.storeId();
  await world.queues.send('sweeps', { storeId, entity: 'customers', kind: 'sweep' });
  for (let steps = 0; steps < 20; steps++) await world.step();
  expect(tampering.requests.get('SweepCustomers')).toBeLessThanOrEqual(6);
});

test('a list of webhook subscriptions that repeats takes none of them down, and is not asked for ever', async () => {
  await world.mirrored();
  const standing = world.shop.subscriptions.size;
  expect(standing).toBeGreaterThan(0);
  world.rewrite = (body) =>
    body.includes('"Webhooks"') ? body.replace(/"after":"[^"]*"/, '"after":null') : body;
  const tampering = tamper(world, ({ operation, data, nth }) => {
    if (operation === 'Webhooks')
      data.webhookSubscriptions.pageInfo = { hasNextPage: true, endCursor: `fresh ${nth}` };
  });
  await world.connect();
  expect(tampering.requests.get('Webhooks')).toBeLessThanOrEqual(2);
  expect(tampering.requests.get('WebhookDelete') ?? 0).toBe(0);
  expect(world.shop.subscriptions.size).toBe(standing);
});
