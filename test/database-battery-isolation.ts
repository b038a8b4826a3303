import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  CLEAR,
  childOf,
  type Factory,
  NOTHING_SEEN,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
} from './database-fixture.ts';

/** Two stores may hold the same Shopify ids: whatever happens in one is not to be seen in the other (R7). */
export function isolationBattery(factory: Factory): void {
  let one: Awaited<ReturnType<typeof worldOf>>;
  let two: Awaited<ReturnType<typeof one.otherStore>>;
  beforeEach(async () => {
    one = await worldOf(factory);
    two = await one.otherStore();
  });
  afterEach(() => one.close());

  type World = typeof two;

  const fill = async (world: World, city: string) => {
    const items = [
      childOf('orders', 'OrderItems', '511', { ShopifyProductId: '1', ShopifyVariantId: '11', Title: city }),
    ];
    const variants = [
      childOf('products', 'ProductVariants', '11', { CompareAtPrice: '1.0000', Option1Name: city }),
    ];
    const order = { ShopifyCustomerId: '7', Email: city };
    await world.write('customers', recordOf('customers', '7', { City: city }));
    await world.write(
      'products',
      recordOf('products', '1', { Handle: city }, { children: { ProductVariants: variants } }),
    );
    await world.write(
      'orders',
      recordOf('orders', '5', order, { children: { OrderItems: items, Refunds: [] } }),
    );
    const delivery = { webhookId: 'w', topic: 'T', entity: 'customers', id: '7', triggeredAt: T } as const;
    await world.database.mark(world.storeId, [raiseOf('7')], {
      deliveries: [{ ...delivery, receivedAt: one.now() }],
    });
    const gap = { id: '7', changedAt: null, seenAt: T, foundBy: 'sweep', reason: 'newer' } as const;
    await world.detect('sweep', { gaps: [gap], hold: ['8'], watermark: T });
    await world.commit('customers', { rejects: [{ id: '9', reason: city }] });
  };

  /** All that can be known of a store. */
  const portrait = async ({ database, storeId, rows }: World) => ({
    store: (await database.stores()).find(({ id }) => id === storeId),
    rows: [await rows('customers'), await rows('products'), await rows('orders')],
    references: await one.select(
      `select c.StoreId, c.City, p.StoreId, p.Handle from Orders o join OrderItems i on i.OrderId = o.Id
       left join Customers c on c.Id = o.CustomerId left join Products p on p.Id = i.ProductId
       where o.StoreId = ${storeId}`,
    ),
    marks: await one.select(`select * from StaleKeys where StoreId = ${storeId} order by Id`),
    rejects: await one.select(`select ShopifyId, Reason, Times from Rejects where StoreId = ${storeId}`),
    syncState: await database.syncState(storeId, 'customers'),
    view: await database.mirrorOf(storeId, 'customers', ['7', '8', '9']),
    range: await database.keysInRange(storeId, 'customers', null, null, 10),
    window: await database.liveInWindow(storeId, 'products', 0, T, 10),
    found: await database.idsBy(storeId, 'orders', 'OrderItems', 'ShopifyProductId', ['1']),
    burials: await database.burialFacts(storeId, 'customers'),
    due: await database.nextDueInMs(storeId, 'customers'),
    status: await database.status(storeId),
  });

  it('keeps every row, mark and count of one store from the work in another', async () => {
    await fill(two, 'Oslo');
    for (const entity of ['customers', 'products', 'orders'] as const)
      await two.database.link(two.storeId, entity, ['7', '1', '5']);
    const before = await portrait(two);
    expect(before).toMatchObject({
      references: [{ City: 'Oslo', Handle: 'Oslo' }],
      found: ['5'],
      due: 0,
      status: { marksWaiting: 1, marksHeld: 1, gapsFound: 1, gapsHealed: 0, rejects: 1, deliveries: 1 },
    });

    await fill(one, 'Rome');
    for (const entity of ['customers', 'products', 'orders'] as const)
      await one.database.link(one.storeId, entity, ['7', '1', '5']);
    await one.database.linkAll(one.storeId, 100);
    const [taken] = await one.take();
    await one.commit('customers', {
      verdicts: [
        { ...verdictOf('7', taken!.sequence), row: { do: 'bury', at: T, announced: false }, mark: CLEAR },
      ],
      rejects: [{ id: '9', reason: 'again' }],
      tally: { ...NOTHING_SEEN, seen: 1, deleted: 1 },
      points: 5,
    });
    await one.detect('sweep', { watermark: T + 99 });
    await one.database.deactivateStore(one.storeId);

    expect(await portrait(two)).toEqual(before);
    expect(await portrait(one)).toMatchObject({
      references: [{ City: 'Rome', Handle: 'Rome' }],
      status: { marksWaiting: 0, gapsHealed: 1 },
      burials: { live: 0, buriedLastHour: 1 },
    });
  });
}
