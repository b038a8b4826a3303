import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answerPrivacy } from '../privacy/carry-out.ts';
import { askByHand } from '../privacy/manual.ts';
import { redactCustomer } from '../simulator/privacy.ts';
import { customerDeleteBody } from '../simulator/webhooks/payloads/customer.ts';
import type { Row } from '../src/entities/column.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { personalColumns, withoutPerson } from '../src/erasure.ts';
import { privacyMessage } from '../src/privacy-request.ts';
import type { ChildRecord } from '../src/record.ts';
import { childOf, recordOf } from './database-fixture.ts';
import { privacyWorld, WORD, wordy } from './privacy-world.ts';

/** R12: an erased person stays erased, whatever Shopify goes on telling, and whoever was reading at the time. */

const MINUTE_MS = 60_000;

describe('customers/redact', () => {
  test('empties every personal column and keeps money, ids and times', async () => {
    const { world, redact, wordsFound, select, customer, orders } = await privacyWorld();
    const money = () =>
      select(
        `SELECT ShopifyOrderId, TotalPrice, ShopifyCustomerId, CustomerId, CreatedAt, OrderNumber FROM Orders ORDER BY Id`,
      );
    const [before, spent] = [money(), select(`SELECT TotalSpent, TotalOrders FROM Customers ORDER BY Id`)];
    // What is looked for is really there, in every personal column of every table.
    expect(wordsFound()).toEqual(expect.arrayContaining(['Customers.Email', 'Orders.Email', 'Orders.Tags']));
    redact();
    await world.work();
    expect(wordsFound()).toEqual([]);
    expect(money()).toEqual(before);
    expect(select(`SELECT TotalSpent, TotalOrders FROM Customers ORDER BY Id`)).toEqual(spent);
    const [row] = select(`SELECT * FROM Customers WHERE ShopifyCustomerId = '${customer}'`);
    for (const name of personalColumns(entityOf('customers').columns))
      expect([name, row![name]]).toEqual([name, name.startsWith('Accepts') ? 0 : null]);
    expect(row!['ErasedAt']).toBe(world.now);
    expect(orders.length).toBeGreaterThan(1);
    const others = select(`SELECT COUNT(*) AS n FROM Customers WHERE Email IS NOT NULL`);
    expect(Number(others[0]!['n'])).toBeGreaterThan(10);
  });

  test('of a customer into whom another was merged reaches that one within the time too, though nobody names it', async () => {
    const made = await privacyWorld({ size: { customers: 3, products: 3, orders: 6 } });
    const { world, customer } = made;
    const people = () => [...world.shop.customers.values()];
    const isHere = () => people().some(({ id }) => id.endsWith(`/${customer}`));
    let kept = '';
    for (let n = 0; n < 60 && isHere(); n++) {
      kept = world.change('customer-merge').id;
      await world.live(2 * MINUTE_MS);
    }
    expect(isHere()).toBe(false);
    redactCustomer(world.shop, people().find(({ id }) => id.endsWith(`/${kept}`))!, false);
    await world.work();
    expect(made.wordsFound()).toContain('Customers.Email');
    const { dueAt } = (await world.database.privacyRequests(null, 1))[0]!;
    world.wait(dueAt - world.now);
    await world.live(2 * MINUTE_MS);
    expect(made.wordsFound()).toEqual([]);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('leaves nothing of it in the bytes of the database either', async () => {
    const { world, redact, file } = await privacyWorld();
    const bytes = () => readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1');
    expect(bytes()).toContain(WORD);
    redact();
    await world.work();
    expect(bytes()).not.toContain(WORD);
  });

  test('ends with a certificate that tells what was emptied, and nothing of whom', async () => {
    const { world, redact, customer, orders } = await privacyWorld();
    const receivedAt = world.now;
    redact();
    await world.work();
    const [request] = await world.database.privacyRequests(await world.storeId(), 10);
    expect(request).toMatchObject({
      topic: 'CUSTOMERS_REDACT',
      state: 'done',
      receivedAt,
      dueAt: receivedAt + 30 * 24 * 60 * MINUTE_MS,
      message: null,
      certificate: { rows: { Customers: 1, Orders: orders.length }, exports: [] },
    });
    const text = JSON.stringify(request);
    for (const id of [customer, ...orders]) expect(text).not.toContain(`"${id}"`);
    expect(text).not.toContain(WORD);
    expect((await world.database.status(await world.storeId())).privacy).toEqual({
      ...{ open: 0, nextDueAt: null, refused: 0, message: null },
    });
  });

  test('leaves no id behind: not in requests, and in suppressions only a keyed hash', async () => {
    const { world, redact, select, customer, orders } = await privacyWorld();
    redact();
    await world.work();
    const tables = ['PrivacyRequests', 'PrivacyKeys', 'PrivacyCounts', 'Suppressions'];
    const text = JSON.stringify(tables.map((table) => select(`SELECT * FROM ${table}`)));
    for (const id of [customer, ...orders]) expect(text).not.toContain(`"${id}"`);
    expect(select('SELECT * FROM PrivacyKeys')).toEqual([]);
    expect(select('SELECT * FROM PrivacyCounts')).toEqual([]);
    expect(select('SELECT KeyHash FROM Suppressions')).toHaveLength(1 + orders.length);
  });

  test('tells those who copy the mirror which rows have changed', async () => {
    const { world, redact, select, customer, orders } = await privacyWorld();
    const last = Number(select('SELECT MAX(Id) AS id FROM ChangeEvents')[0]!['id']);
    redact();
    await world.work();
    const events = select(`SELECT ShopifyId, Type FROM ChangeEvents WHERE Id > ${last} ORDER BY ShopifyId`);
    expect(events.map(({ ShopifyId, Type }) => `${Type} ${ShopifyId}`).sort()).toEqual(
      [customer, ...orders].map((id) => `changed ${id}`).sort(),
    );
  });

  test('empties tombstones as well', async () => {
    const { world, wordsFound, select, person, customer } = await privacyWorld();
    const gone = person();
    world.shop.customers.delete(gone.id);
    world.courier.announce('customers/delete', customerDeleteBody(gone));
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toContain('Customers.Email');
    redactCustomer(world.shop, gone, false);
    await world.work();
    expect(select(`SELECT IsActive FROM Customers WHERE ShopifyCustomerId = '${customer}'`)).toEqual([
      { IsActive: 0 },
    ]);
    expect(wordsFound()).toEqual([]);
  });

  test('of a customer and orders that are not mirrored yet keeps them out when they come', async () => {
    const { world, person, theirOrders, wordsFound, select } = await privacyWorld();
    // A person who exists in Shopify and was never read here.
    const later = { ...person(), id: 'gid://shopify/Customer/9007199254999999999' };
    world.shop.customers.put(later);
    const order = {
      ...theirOrders()[0]!,
      id: 'gid://shopify/Order/9007199254888888888',
      customerGid: later.id,
    };
    world.shop.orders.put(order);
    redactCustomer(world.shop, later, false);
    await world.work();
    await world.reconcile('census', ['customers', 'orders']);
    await world.live(2 * MINUTE_MS);
    const found = select(
      `SELECT o.Email AS orderEmail, c.Email AS email, c.ErasedAt AS erasedAt FROM Orders o
       JOIN Customers c ON c.Id = o.CustomerId WHERE o.ShopifyOrderId = '9007199254888888888'`,
    );
    expect(found).toEqual([{ orderEmail: null, email: null, erasedAt: expect.any(Number) }]);
    expect(wordsFound()).toContain('Customers.Email');
  });
});

describe('an erased person', () => {
  test('does not come back by a webhook, a sweep or a census, though Shopify tells everything', async () => {
    const { world, redact, person, theirOrders, wordsFound } = await privacyWorld();
    redact();
    await world.work();
    world.wait(MINUTE_MS);
    world.edit(person().id, wordy(person()));
    for (const order of theirOrders()) world.shop.orders.put({ ...order, updatedAt: world.now });
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    for (const kind of ['sweep', 'census', 'content'] as const) {
      await world.reconcile(kind);
      await world.live(2 * MINUTE_MS);
      expect(wordsFound()).toEqual([]);
    }
    expect(await world.differences()).toEqual([]);
  });

  test('does not come back by a read that was under way', async () => {
    const { world, redact, person, wordsFound } = await privacyWorld();
    world.wait(MINUTE_MS);
    world.edit(person().id, wordy(person()));
    await world.courier.pump();
    let during = 0;
    world.duringNextRequest = async () => {
      // Shopify has answered with the person; before that is committed, the erasure is asked for and done.
      during++;
      redact();
      await world.courier.pump();
      for (const message of world.queues.receive('privacy', 10, 600_000)) {
        await answerPrivacy(world.service, privacyMessage.parse(JSON.parse(message.text)));
        world.queues.complete(message);
      }
      expect(wordsFound()).toEqual([]);
    };
    await world.work();
    expect(during).toBe(1);
    expect(wordsFound()).toEqual([]);
    await world.live(3 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });

  test('does not come back in an order that is written while their orders are looked for', async () => {
    let found: (() => Promise<void>) | null = null;
    const { world, redact, theirOrders, wordsFound } = await privacyWorld({
      break: (real) =>
        new Proxy(real, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]) => {
              const result: unknown = await value.apply(target, args);
              if (name === 'idsBy') await found?.();
              return result;
            };
          },
        }),
    });
    const order = { ...theirOrders()[0]!, id: 'gid://shopify/Order/9007199254888888888' };
    found = async () => {
      found = null;
      // Long ago, so that no settle read corrects what this one does.
      world.shop.orders.put({ ...order, updatedAt: world.now - 5 * MINUTE_MS });
      await world.reconcile('census', ['orders']);
    };
    // Nobody names it: it came after Shopify had asked.
    redact();
    await world.work();
    expect(found).toBeNull();
    expect(wordsFound()).toEqual([]);
  });

  test('can be changed in Shopify, and nobody hears of it: no event, no gap, no difference', async () => {
    const { world, redact, person, select, wordsFound } = await privacyWorld();
    redact();
    await world.live(2 * MINUTE_MS);
    await world.reconcile('content');
    await world.live(2 * MINUTE_MS);
    const events = () => Number(select('SELECT COUNT(*) AS n FROM ChangeEvents')[0]!['n']);
    const before = events();
    // Without `updatedAt`, as tags change: only what is read whole shows it.
    world.shop.customers.put({ ...person(), tags: [`${WORD} again`], note: `${WORD} again` });
    await world.reconcile('content');
    await world.live(2 * MINUTE_MS);
    expect(events()).toBe(before);
    expect(select("SELECT * FROM Gaps WHERE Reason = 'unversioned'")).toEqual([]);
    expect(wordsFound()).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });

  test('is quiet: nothing differs for ever, no gap, no event, no mark', async () => {
    const { world, redact, select } = await privacyWorld();
    redact();
    await world.live(2 * MINUTE_MS);
    // The first look at what is left learns its content; from then on nothing changes.
    await world.reconcile('content');
    await world.live(3 * MINUTE_MS);
    const events = () => Number(select('SELECT COUNT(*) AS n FROM ChangeEvents')[0]!['n']);
    const [before, told] = [await world.snapshot(), events()];
    for (const kind of ['content', 'census', 'sweep'] as const) {
      await world.reconcile(kind);
      await world.live(3 * MINUTE_MS);
    }
    expect(events()).toBe(told);
    expect(select("SELECT * FROM Gaps WHERE Reason = 'unversioned'")).toEqual([]);
    const still = (snapshot: unknown) => JSON.stringify(snapshot).replace(/"readAt":\d+/g, '');
    expect(still(await world.snapshot())).toBe(still(before));
  });

  test('is asked of the mirror before the judge: a redacted row counts as unchanged', async () => {
    const { world, redact, customer, select } = await privacyWorld();
    redact();
    await world.live(2 * MINUTE_MS);
    await world.reconcile('content', ['customers']);
    await world.live(2 * MINUTE_MS);
    const storeId = await world.storeId();
    const hash = async () =>
      (await world.database.mirrorOf(storeId, 'customers', [customer])).get(customer)!.row!.contentHash;
    const known = await hash();
    expect(known).not.toBeNull();
    const counted = () =>
      select(
        `SELECT SUM(Seen - Unchanged) AS other, SUM(Unchanged) AS unchanged FROM SyncRuns
         WHERE Kind = 'refresh' AND Entity = 'customers'`,
      )[0]!;
    const before = counted();
    await world.reconcile('content', ['customers']);
    await world.live(2 * MINUTE_MS);
    expect(await hash()).toBe(known);
    expect(counted()).toEqual({
      other: before['other'],
      unchanged: Number(before['unchanged']) + world.shop.customers.size,
    });
  });

  test('who comes again has another id, and is mirrored as anybody', async () => {
    const { world, redact, person, select } = await privacyWorld();
    redact({ forget: true });
    await world.work();
    const again = { ...person(), ...wordy(person()), id: 'gid://shopify/Customer/9007199254777777777' };
    world.shop.customers.put({ ...again, createdAt: world.now, updatedAt: world.now });
    await world.reconcile('census', ['customers']);
    await world.live(2 * MINUTE_MS);
    expect(select(`SELECT FirstName FROM Customers WHERE ShopifyCustomerId = '9007199254777777777'`)).toEqual(
      [{ FirstName: WORD }],
    );
    expect(await world.differences()).toEqual([]);
  });

  test('onto whom another is merged takes the other along: the id is erased for good', async () => {
    const { world, redact, person, wordsFound, select, customer } = await privacyWorld();
    redact({ forget: true });
    await world.work();
    const other = [...world.shop.customers.values()].find(({ id }) => id !== person().id)!;
    // The other's orders are now the erased one's, with what they hold.
    const theirs = [...world.shop.orders.values()].filter(({ customerGid }) => customerGid === other.id);
    for (const order of theirs)
      world.shop.orders.put({
        ...order,
        ...{ customerGid: person().id, email: `${WORD}@example.com`, updatedAt: world.now },
      });
    world.shop.customers.put({ ...person(), ...wordy(person()), updatedAt: world.now });
    world.shop.customers.delete(other.id);
    await world.reconcile('census');
    await world.live(3 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
    const moved = select(`SELECT COUNT(*) AS n FROM Orders WHERE ShopifyCustomerId = '${customer}'`);
    expect(Number(moved[0]!['n'])).toBeGreaterThan(theirs.length);
  });

  test('who is merged into another leaves their orders empty: they are erased by their own ids', async () => {
    const { world, redact, person, theirOrders, wordsFound, orders } = await privacyWorld();
    redact();
    await world.work();
    const other = [...world.shop.customers.values()].find(({ id }) => id !== person().id)!;
    for (const order of theirOrders())
      world.shop.orders.put({ ...order, customerGid: other.id, updatedAt: world.now });
    world.shop.customers.delete(person().id);
    await world.reconcile('census');
    await world.live(3 * MINUTE_MS);
    expect(orders.length).toBeGreaterThan(1);
    expect(wordsFound()).toEqual([]);
  });

  test('who buys again, and is then merged into another, leaves that order empty as well', async () => {
    const { world, redact, person, theirOrders, wordsFound } = await privacyWorld();
    redact();
    await world.work();
    const later = { ...theirOrders()[0]!, id: 'gid://shopify/Order/9007199254888888888' };
    world.shop.orders.put({ ...later, updatedAt: world.now });
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    const other = [...world.shop.customers.values()].find(({ id }) => id !== person().id)!;
    world.shop.orders.put({ ...later, customerGid: other.id, updatedAt: world.now });
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
  });

  test('is erased with orders that nobody named, and those stay so when they come to somebody else', async () => {
    const { world, person, theirOrders, wordsFound, customer } = await privacyWorld();
    await askByHand(world.service, { store: 'demo.myshopify.com', ask: 'erase customer', customer });
    await world.work();
    expect(wordsFound()).toEqual([]);
    const other = [...world.shop.customers.values()].find(({ id }) => id !== person().id)!;
    for (const order of theirOrders())
      world.shop.orders.put({ ...order, customerGid: other.id, updatedAt: world.now });
    await world.reconcile('sweep', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
  });

  test('whose orders Shopify no longer ties to anybody: those named in the request stay empty', async () => {
    const { world, redact, theirOrders, wordsFound } = await privacyWorld();
    redact();
    for (const order of theirOrders())
      world.shop.orders.put({ ...order, customerGid: null, updatedAt: world.now });
    await world.live(2 * MINUTE_MS);
    await world.reconcile('content', ['orders']);
    await world.live(2 * MINUTE_MS);
    expect(wordsFound()).toEqual([]);
  });
});

describe('the key of erased people', () => {
  const OTHER = 'another-key-that-is-long-enough-to-be-one';

  test('that is missing: the request waits, says so, and is carried out once it is there', async () => {
    const { world, redact, wordsFound } = await privacyWorld({ env: { PRIVACY_KEY: '' } });
    redact();
    await world.work();
    expect(wordsFound()).not.toEqual([]);
    const { privacy } = await world.database.status(await world.storeId());
    expect(privacy).toMatchObject({
      open: 1,
      message: expect.stringMatching(/set .*PRIVACY_KEY|PRIVACY_KEY: set/),
    });
    world.service = world.process({ PRIVACY_KEY: OTHER });
    await world.live(20 * MINUTE_MS, 30_000);
    expect(wordsFound()).toEqual([]);
  });

  test.each(['', OTHER])(
    'that is another one than before ("%s"): nobody is read, so that nobody comes back',
    async (key) => {
      const { world, redact, person, wordsFound } = await privacyWorld();
      redact();
      await world.work();
      world.service = world.process({ PRIVACY_KEY: key });
      world.wait(MINUTE_MS);
      world.edit(person().id, wordy(person()));
      await world.live(3 * MINUTE_MS);
      expect(wordsFound()).toEqual([]);
      const [store] = await world.database.stores();
      expect(store!.settings.attention).toMatch(/erased under another PRIVACY_KEY: set that one again/);
      // Products are nobody's.
      world.change('product-edit');
      await world.live(3 * MINUTE_MS);
      expect(await world.differences(['products'])).toEqual([]);
      world.service = world.process();
      await world.live(20 * MINUTE_MS, 30_000);
      expect(wordsFound()).toEqual([]);
      expect(await world.differences()).toEqual([]);
    },
  );
});

test('what may be written of somebody erased has no name in it, at any depth, withheld or not', () => {
  const child = (table: string, row: Row): ChildRecord => childOf('orders', table, '1', row);
  const order = recordOf(
    'orders',
    '5',
    { Email: WORD, Tags: WORD, TotalPrice: '9.0000' },
    {
      withheld: ['Email', 'TotalTax'],
      children: {
        OrderItems: [child('OrderItems', { Title: 'mug' })],
        Refunds: [child('Refunds', { Note: WORD })],
      },
    },
  );
  const left = withoutPerson(entityOf('orders'), order, 42);
  expect(JSON.stringify(left)).not.toContain(WORD);
  expect(left).toMatchObject({
    ...{ id: '5', erasedAt: 42, withheld: ['TotalTax'] },
    row: { TotalPrice: '9.0000', Email: null },
    children: { OrderItems: [{ row: { Title: 'mug' } }], Refunds: [{ row: { Note: null } }] },
  });
  expect(left.contentHash).not.toBe(order.contentHash);
});

test('every entity with personal columns is found by the people it belongs to', () => {
  for (const name of ENTITY_NAMES) {
    const entity = entityOf(name);
    for (const { entity: people, column } of entity.erasedWith) {
      expect(Object.keys(entity.columns)).toContain(column);
      expect(ENTITY_NAMES).toContain(people);
    }
  }
});
