import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PrivacyAsked, PrivacyEnd } from '../src/privacy-request.ts';
import {
  CLEAR,
  childOf,
  commitOf,
  type Factory,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
  writeOf,
} from './database-fixture.ts';

/** Compliance requests, suppressions, and what erasing does to rows. */
export function privacyBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const DAY_MS = 24 * 3_600_000;

  const askedOf = (more: Partial<PrivacyAsked> = {}): PrivacyAsked => ({
    storeId: world.storeId,
    topic: 'CUSTOMERS_REDACT',
    digest: 'a signature',
    shopId: '60000000001',
    receivedAt: world.now(),
    customers: ['7'],
    orders: ['5', '6'],
    vouched: false,
    ...more,
  });
  const record = (more: Partial<PrivacyAsked> = {}) => world.database.recordPrivacyRequest(askedOf(more));
  const endOf = (more: Partial<PrivacyEnd> = {}): PrivacyEnd => ({
    ...{ state: 'done', message: null, exportName: null, subject: 'subject', certificate: null },
    ...more,
  });
  const erasing = (hashes: readonly string[], keyName = 'key') => ({
    ...{ keyName, subject: 'subject', hashes, erase: null },
  });
  const take = (requestId: number) => world.database.takePrivacyRequest(requestId, 60_000);

  it('records a request once, with what it names', async () => {
    const id = await record();
    expect(await record()).toBe(id);
    expect(await record({ receivedAt: world.now() + 1, orders: [] })).toBe(id);
    expect(await world.database.duePrivacyRequests()).toEqual([id]);
    expect(await take(id)).toEqual({
      id,
      storeId: world.storeId,
      shopId: '60000000001',
      topic: 'CUSTOMERS_REDACT',
      state: 'waiting',
      receivedAt: world.now(),
      dueAt: world.now() + 30 * DAY_MS,
      subject: null,
      attempts: 1,
      keys: [
        { entity: 'customers', ids: ['7'] },
        { entity: 'orders', ids: ['5', '6'] },
      ],
      vouched: false,
      uninstalledForMs: null,
    });
    expect(await record({ topic: 'CUSTOMERS_DATA_REQUEST' })).not.toBe(id);
    expect(await record({ digest: 'another signature' })).not.toBe(id);
    const { id: other } = await world.database.activateStore({
      domain: 'two.myshopify.com',
      secretName: 't',
    });
    expect(await record({ storeId: other })).not.toBe(id);
  });

  it('gives a request to one at a time, again when the lease runs out, and when it is put off', async () => {
    const id = await record();
    expect(await take(id)).not.toBeNull();
    expect(await take(id)).toBeNull();
    expect(await world.database.duePrivacyRequests()).toEqual([]);
    world.advance(60_000);
    expect(await world.database.duePrivacyRequests()).toEqual([id]);
    expect(await take(id)).toMatchObject({ attempts: 2 });
    await world.database.putOffPrivacyRequest(id, 5_000, 'something is missing');
    world.advance(4_999);
    expect(await take(id)).toBeNull();
    world.advance(1);
    expect(await take(id)).toMatchObject({ attempts: 3 });
    await world.database.putOffPrivacyRequest(id, 0, null);
    expect(await take(id)).toMatchObject({ attempts: 1 });
    expect(await take(id + 1_000)).toBeNull();
  });

  it('says how long the store has been uninstalled', async () => {
    const id = await record();
    await world.database.deactivateStore(world.storeId);
    world.advance(90_000);
    expect(await take(id)).toMatchObject({ uninstalledForMs: 90_000 });
  });

  it('counts no pause as an uninstallation, but from the first refusal in it', async () => {
    const id = await record();
    await world.database.pauseStore(world.storeId);
    world.advance(90_000);
    expect(await take(id)).toMatchObject({ uninstalledForMs: null });
    await world.database.noteRefusal(world.storeId);
    world.advance(61_000);
    expect(await take(id)).toMatchObject({ uninstalledForMs: 61_000 });
  });

  it('ends a request for good, without its keys; one that was refused can be asked for again', async () => {
    const certificate = {
      ...{ topic: 'CUSTOMERS_REDACT' as const, shopId: '60000000001', subject: 'subject' },
      ...{ receivedAt: 'then', completedAt: 'now', rows: { Customers: 1 }, exports: [] },
    };
    const [done, refused] = [
      await record(),
      await record({ topic: 'SHOP_REDACT', customers: [], orders: [] }),
    ];
    await world.database.endPrivacyRequest(done, endOf({ certificate, exportName: 'file.json' }));
    await world.database.endPrivacyRequest(
      refused,
      endOf({ state: 'refused', message: 'no', subject: null }),
    );
    expect(await world.select('select * from PrivacyKeys')).toEqual([]);
    expect(await world.database.duePrivacyRequests()).toEqual([]);
    const all = await world.database.privacyRequests(world.storeId, 10);
    expect(all).toEqual([
      expect.objectContaining({ id: refused, state: 'refused', message: 'no', certificate: null }),
      expect.objectContaining({ id: done, state: 'done', certificate, completedAt: world.now() }),
    ]);
    expect(await world.database.privacyRequests(world.storeId, 1)).toEqual([all[0]]);
    expect(await world.database.privacyRequests(null, 10)).toEqual(all);
    expect((await world.database.status(world.storeId)).privacy).toEqual({
      ...{ open: 0, nextDueAt: null, refused: 1, message: 'no' },
    });
    // What is over cannot be ended otherwise.
    await world.database.endPrivacyRequest(done, endOf({ state: 'refused', message: 'late' }));
    await world.database.putOffPrivacyRequest(done, 0, 'late');
    expect(await record()).toBe(done);
    expect(await world.database.duePrivacyRequests()).toEqual([]);
    world.advance(1_000);
    const again = await record({ topic: 'SHOP_REDACT', customers: [], orders: [], receivedAt: world.now() });
    expect(again).toBe(refused);
    expect(await take(refused)).toMatchObject({ state: 'waiting', receivedAt: world.now(), attempts: 1 });
    expect(await world.database.privacyRequests(null, 10)).toEqual([
      expect.objectContaining({ id: refused, state: 'waiting', message: null, completedAt: null }),
      all[1],
    ]);
  });

  it('knows the files that were written until they are forgotten', async () => {
    const id = await record();
    await world.database.endPrivacyRequest(id, endOf({ exportName: 'file.json', message: 'in file.json' }));
    world.advance(7_000);
    const { storeId } = world;
    expect(await world.database.heldExports()).toEqual([
      { requestId: id, storeId, subject: 'subject', name: 'file.json', heldForMs: 7_000 },
    ]);
    const shown = async () => (await world.database.privacyRequests(storeId, 1))[0]?.message;
    expect(await shown()).toBe('in file.json');
    await world.database.forgetExport(id);
    expect(await world.database.heldExports()).toEqual([]);
    expect(await shown()).toBeNull();
  });

  it('shows what is open, and when the next is due', async () => {
    const first = await record({ receivedAt: world.now() - DAY_MS });
    await record({ topic: 'CUSTOMERS_DATA_REQUEST' });
    await world.database.putOffPrivacyRequest(first, 0, 'something is missing');
    expect((await world.database.status(world.storeId)).privacy).toEqual({
      ...{ open: 2, nextDueAt: world.now() + 29 * DAY_MS, refused: 0, message: 'something is missing' },
    });
  });

  it('suppresses under the fence: who read before cannot commit, who looks afterwards finds it', async () => {
    const { database, storeId } = world;
    const id = await record();
    const [customers, orders, products] = [
      await world.lease('customers'),
      await world.lease('orders'),
      await world.lease('products'),
    ];
    const sweep = await world.lease('customers', 'sweep');
    expect(await database.suppressed(storeId, 'key', ['a', 'b'])).toEqual({
      ...{ erasedAt: new Map(), any: false, underOtherKeys: false },
    });
    await database.suppress(id, erasing(['a', 'c']));
    expect(await database.suppressed(storeId, 'key', ['a', 'b'])).toEqual({
      ...{ erasedAt: new Map([['a', world.now()]]), any: true, underOtherKeys: false },
    });
    expect((await database.suppressed(storeId, 'key', ['z'])).any).toBe(true);
    const commit = commitOf({});
    await expect(database.commitRefresh(customers, commit)).rejects.toThrow(/lease/);
    await expect(database.commitRefresh(orders, commit)).rejects.toThrow(/lease/);
    // Nobody's columns, and detectors write no rows.
    await database.commitRefresh(products, commit);
    expect(await database.renewLease(sweep, 1_000)).toBe(true);
    expect(await database.acquireLease(storeId, 'customers', 'refresh', 1_000)).not.toBeNull();
  });

  it('keeps the first of two suppressions, and tells those of another key', async () => {
    const { database, storeId } = world;
    const id = await record();
    const since = world.now();
    await database.suppress(id, erasing(['a']));
    world.advance(5_000);
    await database.suppress(id, erasing(['a', 'b']));
    const { erasedAt } = await database.suppressed(storeId, 'key', ['a', 'b']);
    expect(erasedAt).toEqual(
      new Map([
        ['a', since],
        ['b', since + 5_000],
      ]),
    );
    expect((await database.suppressed(storeId, 'another', [])).underOtherKeys).toBe(true);
    expect((await database.suppressed(storeId, null, [])).underOtherKeys).toBe(true);
    const { id: other } = await database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
    expect(await database.suppressed(other, 'another', ['a'])).toEqual({
      ...{ erasedAt: new Map(), any: false, underOtherKeys: false },
    });
  });

  it('lets others inherit a suppression, as of the same time', async () => {
    const { database, storeId } = world;
    const id = await record();
    const since = world.now();
    await database.suppress(id, erasing(['a', 'b']));
    world.advance(5_000);
    await database.inheritSuppressions(storeId, [
      { hash: 'c', from: 'a' },
      { hash: 'b', from: 'a' },
      { hash: 'd', from: 'nobody' },
    ]);
    expect(await database.suppressed(storeId, 'key', ['a', 'b', 'c', 'd'])).toEqual({
      erasedAt: new Map([
        ['a', since],
        ['b', since],
        ['c', since],
      ]),
      any: true,
      underOtherKeys: false,
    });
    expect(await world.select(`select RequestId from Suppressions where KeyHash = 'c'`)).toMatchObject([
      { RequestId: id },
    ]);
  });

  const fill = async () => {
    const refund = (key: string) =>
      childOf('orders', 'Refunds', key, { Note: 'name', TotalRefunded: '2.0000' });
    const order = { ShopifyCustomerId: '7', Email: 'name', Tags: 'name', TotalPrice: '9.0000' };
    const ofOrder = (n: string) => ({
      children: { OrderItems: [], Refunds: [refund(`1${n}`), refund(`2${n}`)] },
    });
    const person = { Email: 'name', AcceptsEmailMarketing: true, TotalSpent: '9.0000' };
    await world.write('customers', recordOf('customers', '7', person), recordOf('customers', '8', person));
    for (const n of ['5', '6', '9']) await world.write('orders', recordOf('orders', n, order, ofOrder(n)));
    await world.bury('orders', T + 9_000, true, '6');
  };

  it('empties what is personal in the rows of a request, and nothing else', async () => {
    await fill();
    const { database, storeId } = world;
    await world.commit('orders', {
      rejects: [
        { id: '5', reason: 'name' },
        { id: '9', reason: 'name' },
      ],
    });
    const id = await record();
    const erase = [
      { entity: 'customers', ids: ['7'] },
      { entity: 'orders', ids: ['5', '6', '404'] },
    ] as const;
    await database.suppress(id, { ...erasing(['a']), erase });
    world.advance(1_000);
    expect(await take(id)).toMatchObject({ state: 'erasing', subject: 'subject' });
    const before = await world.select('select max(Id) as Id from ChangeEvents');
    await database.eraseRows(id, 'customers', ['7', '8'], true);
    await database.eraseRows(id, 'orders', ['5'], true);
    await database.eraseRows(id, 'orders', ['5', '6', '404', '9'], true);
    const customers = await world.rows('customers');
    expect(customers.get('7')).toMatchObject({
      erasedAt: world.now(),
      row: { Email: null, AcceptsEmailMarketing: false, TotalSpent: '9.0000' },
    });
    expect(customers.get('8')).toMatchObject({
      erasedAt: null,
      row: { Email: 'name', AcceptsEmailMarketing: true },
    });
    const orders = await world.rows('orders');
    for (const n of ['5', '6'])
      expect(orders.get(n)).toMatchObject({
        erasedAt: world.now(),
        deletedAt: n === '6' ? T + 9_000 : null,
        row: { Email: null, Tags: null, TotalPrice: '9.0000', ShopifyCustomerId: '7' },
        children: { Refunds: [{ row: { Note: null, TotalRefunded: '2.0000' } }, { row: { Note: null } }] },
      });
    expect(orders.get('9')).toMatchObject({
      erasedAt: null,
      row: { Email: 'name' },
      children: { Refunds: [{ row: { Note: 'name' } }, { row: { Note: 'name' } }] },
    });
    const reasons = await world.select('select ShopifyId, Reason from Rejects order by ShopifyId');
    expect(reasons.map(({ Reason }) => Reason)).toEqual(['erased on request', 'name']);
    expect(await database.privacyCounts(id)).toEqual({ Customers: 1, Orders: 2, Refunds: 4, Rejects: 1 });
    const view = await database.mirrorOf(storeId, 'orders', ['5', '9']);
    expect(view.get('5')!.row!.contentHash).toBeNull();
    expect(view.get('9')!.row!.contentHash).not.toBeNull();
    const events = await world.select(
      `select ShopifyId, Type from ChangeEvents where Id > ${Number(before[0]!['Id'])} order by Id`,
    );
    expect(events.map(({ ShopifyId, Type }) => `${Type} ${ShopifyId}`).sort()).toEqual([
      'changed 5',
      'changed 6',
      'changed 7',
    ]);
    expect(await world.select('select * from PrivacyKeys')).toEqual([]);
  });

  it('takes the lease from whoever has read the rows that are emptied', async () => {
    await fill();
    const { database } = world;
    const id = await record();
    await database.suppress(id, { ...erasing(['a']), erase: [{ entity: 'customers', ids: ['7'] }] });
    const held = await world.lease('customers');
    await database.eraseRows(id, 'customers', ['7'], false);
    const verdict = writeOf(recordOf('customers', '7', { Email: 'name' }, { updatedAt: T + 1_000 }));
    const commit = commitOf({ verdicts: [verdict] });
    await expect(database.commitRefresh(held, commit)).rejects.toThrow(/lease/);
    expect((await world.rows('customers')).get('7')!.row['Email']).toBeNull();
  });

  it('does nothing for a request that is over', async () => {
    await fill();
    const { database, storeId } = world;
    const id = await record();
    await database.endPrivacyRequest(id, endOf());
    const held = await world.lease('customers');
    await database.suppress(id, { ...erasing(['a']), erase: [{ entity: 'customers', ids: ['7'] }] });
    await database.eraseRows(id, 'customers', ['7'], false);
    expect(await database.eraseStore(id, 1_000)).toBe(false);
    expect((await world.rows('customers')).get('7')!.row['Email']).toBe('name');
    expect((await database.suppressed(storeId, 'key', ['a'])).erasedAt.size).toBe(0);
    expect(await database.renewLease(held, 1_000)).toBe(true);
  });

  it('writes since when the person of a row is erased, and reads rows by their ids', async () => {
    await world.write('customers', { ...recordOf('customers', '7', {}), erasedAt: T });
    expect((await world.rows('customers')).get('7')!.erasedAt).toBe(T);
    expect((await world.rows('customers')).get('7')!.row['Email']).toBeNull();
    expect(await world.database.contents(world.storeId, 'customers', ['7', '404'])).toEqual([
      (await world.rows('customers')).get('7'),
    ]);
  });

  it('deletes a store a few rows at a time, whole, and no other', async () => {
    await fill();
    const { database, storeId } = world;
    const two = await world.otherStore();
    await two.write('customers', recordOf('customers', '7', { Email: 'name' }));
    await two.mark(raiseOf('7'));
    await world.mark(raiseOf('7'), raiseOf('5', { entity: 'orders' }));
    const person = await record();
    await database.suppress(person, erasing(['a']));
    const id = await record({ topic: 'SHOP_REDACT', customers: [], orders: [] });
    await database.deactivateStore(storeId);
    let steps = 1;
    while (await database.eraseStore(id, 3)) steps++;
    expect(steps).toBeGreaterThan(5);
    expect(await database.eraseStore(id, 3)).toBe(false);
    expect(await database.privacyCounts(id)).toMatchObject({
      ...{ Customers: 2, Orders: 3, Refunds: 6, StaleKeys: 2, Suppressions: 1, SyncStates: 3, Stores: 1 },
    });
    expect((await database.stores()).map((store) => store.id)).toEqual([two.storeId]);
    for (const table of ['Customers', 'Orders', 'StaleKeys', 'SyncStates', 'ChangeEvents', 'Suppressions'])
      expect([table, await world.select(`select * from ${table} where StoreId = ${storeId}`)]).toEqual([
        table,
        [],
      ]);
    expect((await two.rows('customers')).size).toBe(1);
    expect(await two.take()).toHaveLength(1);
    // Requests stay, to be ended.
    expect(await database.privacyRequests(storeId, 10)).toHaveLength(2);
    await database.endPrivacyRequest(id, endOf());
    // Whoever asked about a person of it finds nobody to be kept from returning.
    await database.suppress(person, { ...erasing(['b']), erase: [{ entity: 'customers', ids: ['7'] }] });
    expect((await database.suppressed(storeId, 'key', ['b'])).erasedAt.size).toBe(0);
    expect(await take(person)).toMatchObject({ state: 'waiting' });
    // A signal that was late makes nothing of it.
    const log = {
      webhookId: 'w',
      topic: 'T',
      entity: 'customers',
      id: '7',
      triggeredAt: T,
      receivedAt: T,
    } as const;
    await database.mark(storeId, [raiseOf('7')], { deliveries: [log] });
    expect(await world.select(`select * from StaleKeys where StoreId = ${storeId}`)).toEqual([]);
    expect(await world.select(`select * from Deliveries where StoreId = ${storeId}`)).toEqual([]);
  });

  it('deletes nothing of a store that was resumed, and lets those be forgotten last who must never return', async () => {
    await fill();
    const { database, storeId } = world;
    await database.suppress(await record(), erasing(['a']));
    const id = await record({ topic: 'SHOP_REDACT', customers: [], orders: [] });
    await database.deactivateStore(storeId);
    for (let steps = 0; steps < 4; steps++) expect(await database.eraseStore(id, 3)).toBe(true);
    const { id: resumed } = await database.activateStore({
      domain: (await database.stores())[0]!.domain,
      secretName: 's',
    });
    expect(resumed).toBe(storeId);
    const left = await world.rows('customers');
    expect(await database.eraseStore(id, 1_000)).toBe(false);
    expect(await database.stores()).toMatchObject([{ id: storeId, active: true }]);
    expect(await world.rows('customers')).toEqual(left);
    expect((await database.suppressed(storeId, 'key', ['a'])).erasedAt.size).toBe(1);
    expect(await world.lease('customers')).not.toBeNull();
  });

  it('keeps a row empty whose columns Shopify withheld from the read', async () => {
    await fill();
    const id = await record();
    await world.database.suppress(id, { ...erasing(['a']), erase: [{ entity: 'customers', ids: ['7'] }] });
    await world.database.eraseRows(id, 'customers', ['7'], false);
    const withheld = recordOf('customers', '7', {}, { withheld: ['Email'], updatedAt: T + 1_000 });
    await world.commit('customers', {
      verdicts: [
        { ...verdictOf('7'), row: { do: 'write', record: withheld, readAt: T + 6_000 }, mark: CLEAR },
      ],
    });
    expect((await world.rows('customers')).get('7')!.row['Email']).toBeNull();
  });
}
