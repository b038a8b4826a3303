import { afterEach, describe, expect, test } from 'vitest';
import { certificateTable } from '../local/certificates.ts';
import type { Paint } from '../local/screen.ts';
import { reconcile } from '../reconcile/manual.ts';
import { type CertificateVerdict, verdictOf } from '../src/certificate.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import type { EntityName } from '../src/entities/registry.ts';
import type { Lacking } from '../src/lack.ts';
import type { Service } from '../src/service.ts';
import { World, type WorldOptions } from './world.ts';

/** What a census proves, and what it does not: the certificate at its end. */
const size = { customers: 40, products: 10, orders: 40 };
const { settleMs: SETTLE } = DEFAULT_TIMING;
const DAY = 86_400_000;

describe('the verdict', () => {
  const sound = {
    counted: 100,
    listed: 100,
    mirrorBefore: 100,
    planted: 2,
    detected: 2,
    unknowable: 0,
    unknowableBefore: null,
    byIndex: [],
  };
  const end = { rejected: 0, unproven: 0, lacking: [] as readonly Lacking[] };
  const lack = { column: 'Customers.Email', reason: 'scope', rows: 3 } as const;
  const CASES: readonly [
    string,
    Partial<typeof sound> | object,
    typeof end,
    CertificateVerdict,
    RegExp | null,
  ][] = [
    ['all is equal', {}, end, 'matched', null],
    ['the list misses one', { listed: 99 }, end, 'count differs', /counts 100 and listed 99/],
    ['one that was listed is gone when counted', { listed: 101 }, end, 'matched', null],
    ['it does not find what it left out of its list', { detected: 1 }, end, 'blind', /found 1 of 2 keys/],
    [
      'it could leave nothing out of its list',
      { planted: 0, detected: 0 },
      end,
      'matched but',
      /could not check itself/,
    ],
    ['it began on an empty mirror', { planted: 0, detected: 0, mirrorBefore: 0 }, end, 'matched', null],
    ['keys went out of sight', {}, { ...end, unproven: 3 }, 'matched but', /3 keys .* UnprovenKeys/],
    ['there is no exact count', { counted: null, listed: 7 }, end, 'matched but', /no exact count/],
    [
      'orders are out of sight',
      { unknowable: 3, unknowableBefore: Date.parse('2026-09-24') },
      end,
      'matched but',
      /before 2026-09-24 .*3 rows .*read_all_orders/,
    ],
    [
      'rows lack a column',
      {},
      { ...end, lacking: [lack] },
      'matched but',
      /^withheld by Shopify: Customers\.Email \(3 rows\); grant/,
    ],
    [
      'no column can hold a value',
      {},
      { ...end, lacking: [{ ...lack, reason: 'unfit' }] },
      'matched but',
      /^empty, because no column can hold what Shopify told: Customers\.Email \(3 rows\)$/,
    ],
    ['records are parked', {}, { ...end, rejected: 2 }, 'matched but', /2 records .* Rejects/],
    ['a cursor was lost', { byIndex: ['(7..9]'] }, end, 'matched but', /search index/],
  ];
  test.each(CASES)('when %s', (_, more, end, verdict, remark) => {
    const judged = verdictOf({ ...sound, ...more }, end, end.lacking);
    expect(judged.verdict).toBe(verdict);
    expect(judged.remarks.length).toBe(remark === null ? 0 : 1);
    if (remark !== null) expect(judged.remarks.join()).toMatch(remark);
  });
});

describe('a census ends with a certificate', () => {
  let world: World;
  afterEach(() => world.close());

  const mirrored = async (options: WorldOptions = {}): Promise<void> => {
    world = await World.create({ size, ...options });
    await world.mirrored();
  };
  const lose = (lost: number) => {
    world.courier.faults = { ...world.courier.faults, lost };
  };
  const latest = async (entity: EntityName) =>
    (await world.database.certificates(await world.storeId(), 20)).find((each) => each.entity === entity)!;
  const orderless = () =>
    [...world.shop.customers.values()].filter(({ numberOfOrders }) => numberOfOrders === '0');
  const gapsOf = async () => (await world.database.status(await world.storeId())).gapCauses;

  test('the first mirror’s says that every object was read whole', async () => {
    await mirrored();
    expect(await latest('customers')).toMatchObject({
      depth: 'content',
      counted: 40,
      listed: 40,
      mirrorBefore: 0,
      found: { missing: 40, newer: 0, vanished: 0, other: 0 },
      verdict: 'matched',
      remarks: [],
      waiting: 0,
      completion: { mirrorAfter: 40, repaired: 40, unversioned: 0, rejected: 0 },
    });
  });

  test('as a table each is a line, and each remark another', async () => {
    await mirrored();
    const storeId = await world.storeId();
    const { installation } = world.shop;
    const scopes = installation.scopes.filter((scope) => scope !== 'read_orders');
    world.shop.installation = { ...installation, scopes };
    await world.connect();
    world.edit(orderless()[0]!.id, { note: 'read again' });
    await world.live(2 * 60_000);
    await world.reconcile('census', ['customers']);
    const certificates = await world.database.certificates(storeId, 20);
    const plain: Paint = (_, text) => text;
    const [title, headings, first, remark, ...others] = certificateTable(certificates, plain);
    expect([title, headings]).toEqual(['Certificates', expect.stringMatching(/^entity +depth .* verdict$/)]);
    expect(first).toMatch(/^customers {2}heads .* 40 +40 +40 → 40 .* matched but$/);
    expect(remark).toMatch(/^ {4}withheld by Shopify: Customers\.LastOrderDate/);
    expect(others.filter((line) => /^(customers|products|orders) /.test(line))).toHaveLength(3);
    expect(others.at(-2)).toMatch(/^matched: everything that Shopify last changed more than 30 s before/);
    expect(certificateTable([], plain)).toEqual([]);
  });

  test('it waits for what was found, and then says what was repaired', async () => {
    await mirrored();
    lose(1);
    const [gone, edited] = orderless();
    world.change('customer-delete', gone!.id);
    world.edit(edited!.id, { note: 'lost' });
    world.change('customer-create');
    world.wait(2 * SETTLE);
    await world.reconcile('census', ['customers']);
    const found = { missing: 1, newer: 1, vanished: 1, other: 0 };
    expect(await latest('customers')).toMatchObject({
      found,
      verdict: 'waiting',
      waiting: 1,
      completedAt: null,
    });
    await world.live(2 * SETTLE);
    const certificate = await latest('customers');
    expect(certificate).toMatchObject({
      depth: 'heads',
      found,
      counted: 40,
      listed: 40,
      mirrorBefore: 40,
      verdict: 'matched',
      completion: { mirrorAfter: 40, repaired: 3 },
    });
    expect(certificate.completedAt).toBeGreaterThan(certificate.issuedAt);
    expect(certificate.points).toBeGreaterThan(0);
    expect(await world.differences(['customers'])).toEqual([]);
    expect(await gapsOf()).toEqual({ 'never announced': 2, 'deleted unannounced': 1 });
  });

  test('what is created behind the list is counted, listed after it, and no difference', async () => {
    await mirrored();
    world.duringNextRequest = () => {
      world.change('customer-create');
    };
    await world.reconcile('census', ['customers']);
    await world.live(2 * SETTLE);
    expect(await latest('customers')).toMatchObject({ verdict: 'matched', listed: 41, counted: 41 });
  });

  test('held by the brake it says so, until an operator’s release has been carried out', async () => {
    await mirrored({ size: { customers: 300, products: 1, orders: 0 } });
    lose(1);
    for (const { id } of [...world.shop.customers.values()].slice(0, 150)) world.shop.customers.delete(id);
    await world.reconcile('census', ['customers']);
    await world.live(5 * 60_000);
    const held = await latest('customers');
    expect(held).toMatchObject({ verdict: 'held', waiting: 150, completedAt: null });
    const [store] = await world.database.stores();
    await reconcile(world.service, { store: store!.domain, entity: 'customers', kind: 'release' });
    await world.live(20 * 60_000);
    const all = await world.database.certificates(store!.id, 20);
    expect(all.find(({ id }) => id === held.id)).toMatchObject({
      verdict: 'matched',
      completion: { repaired: 150, mirrorAfter: 150 },
    });
  });

  test('it names the orders that nobody can see, and where the history begins', async () => {
    await mirrored();
    const old = [...world.shop.orders.values()].filter(({ createdAt }) => createdAt < world.now - 61 * DAY);
    const scopes = world.shop.installation.scopes.filter((scope) => scope !== 'read_all_orders');
    world.shop.installation = { ...world.shop.installation, scopes };
    await world.connect();
    await world.reconcile('census', ['orders']);
    await world.live(60_000);
    const certificate = await latest('orders');
    expect(certificate).toMatchObject({ verdict: 'matched but', unknowable: old.length });
    expect(certificate.unknowableBefore).toBe(certificate.fromAt - 60 * DAY);
    const { coverageFrom } = await world.database.status(await world.storeId());
    const shown = [...world.shop.orders.values()].map(({ createdAt }) => createdAt);
    const oldest = Math.min(...shown.filter((at) => at > certificate.fromAt - 60 * DAY));
    expect(coverageFrom).toEqual({ orders: Math.floor(oldest / 1_000) * 1_000 });
  });

  test('interrupted after each of its ranges, it counts as much as if it had not been', async () => {
    await mirrored({ size: { customers: 5_200, products: 1, orders: 0 } });
    const before = await latest('customers');
    lose(1);
    for (const { id } of [...world.shop.customers.values()].filter((_, i) => i % 400 === 0))
      world.shop.customers.put({ ...world.shop.customers.current(id)!, note: 'lost', updatedAt: world.now });
    world.wait(2 * SETTLE);
    await world.queues.send('sweeps', {
      storeId: await world.storeId(),
      entity: 'customers',
      kind: 'census',
    });
    let slices = 0;
    while (world.queues.receive('sweeps', 1, 1).length > 0) {
      world.wait(10);
      world.service = crowded(world);
      await world.step();
      slices++;
    }
    await world.live(2 * SETTLE);
    expect(slices).toBeGreaterThanOrEqual(10);
    expect(await latest('customers')).toMatchObject({
      listed: before.listed,
      counted: before.counted,
      found: { missing: 0, newer: 13, vanished: 0, other: 0 },
      verdict: 'matched',
      completion: { repaired: 13 },
    });
  });

  test('a range that was listed through the index, because a cursor was lost, is named', async () => {
    await mirrored({ size: { customers: 600, products: 1, orders: 0 } });
    world.rewrite = (body) => body.replace(/"after":"[^"]+"/, '"after":"lost"');
    await world.reconcile('census', ['customers']);
    world.rewrite = (body) => body;
    await world.live(60_000);
    const { byIndex, verdict, listed, counted } = await latest('customers');
    expect(byIndex.length).toBeGreaterThan(0);
    expect(byIndex[0]).toMatch(/^\(\d+\.\.\d*\]$/);
    expect({ verdict, listed }).toEqual({ verdict: 'matched but', listed: counted });
  });

  test('a variant that went without a word is found by its product’s count', async () => {
    await mirrored();
    await world.live(2 * SETTLE);
    const product = [...world.shop.products.values()].find(({ variants }) => variants.length > 1)!;
    world.shop.products.put({ ...product, variants: product.variants.slice(0, -1) });
    await world.reconcile('census', ['products']);
    await world.live(2 * SETTLE);
    expect(await latest('products')).toMatchObject({
      found: { missing: 0, newer: 0, vanished: 0, other: 1 },
      verdict: 'matched',
      completion: { repaired: 1 },
    });
    expect(await gapsOf()).toEqual({ 'unversioned change': 1 });
    expect(await world.differences(['products'])).toEqual([]);
  });

  test('at the depth of content it counts what changed under the same updatedAt', async () => {
    await mirrored();
    lose(1);
    await world.live(2 * SETTLE);
    world.change('customer-tags');
    await world.reconcile('census', ['customers']);
    await world.live(2 * SETTLE);
    expect(await latest('customers')).toMatchObject({ depth: 'heads', completion: { repaired: 0 } });
    await world.reconcile('content', ['customers']);
    await world.live(4 * SETTLE);
    expect(await latest('customers')).toMatchObject({
      depth: 'content',
      found: { other: 40 },
      verdict: 'matched',
      completion: { repaired: 1, unversioned: 1 },
    });
    expect(await gapsOf()).toEqual({ 'unversioned change': 1 });
    expect(await world.differences(['customers'])).toEqual([]);
  });
});

/** Another process on the same database, in which a store waits whenever a range is done. */
function crowded(world: World): Service {
  const service = world.process();
  return {
    ...service,
    gate: { enter: (storeId, work) => service.gate.enter(storeId, () => work(() => true)) },
  };
}
