import { afterEach, describe, expect, test } from 'vitest';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import type { Shop } from '../simulator/shop.ts';
import { Transient } from '../src/failures.ts';
import { MemoryVault } from './memory-vault.ts';
import { knockAt } from './webhook-requests.ts';
import { World } from './world.ts';

/** Whole stores whose credentials change while changes, deliveries and sweeps go on. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const size = { customers: 30, products: 6, orders: 30 };
let world: World;
afterEach(() => world.close());

const put = (vault: MemoryVault, { installation: { clientId, clientSecret } }: Shop) =>
  vault.put('shopify-app', { clientId, clientSecret });

const rotate = (secret: string) => {
  world.shop.installation = { ...world.shop.installation, clientSecret: secret };
};

/** Tokens as an installation leaves them. */
function install(vault: MemoryVault, shop: Shop): void {
  const label = shop.profile.domain.split('.')[0];
  const random = new Random(`install/${label}/${shop.clock()}`);
  const pair = shop.offline.exchange(shop.offline.code(random), random);
  const issuedAt = shop.clock();
  const times = { issuedAt, expiresAt: issuedAt + HOUR, refreshExpiresAt: issuedAt + 90 * 24 * HOUR };
  vault.put(`shopify-tokens-${label}`, { ...pair, ...times });
}

async function mirrored(kind: 'client' | 'offline'): Promise<MemoryVault> {
  const vault = new MemoryVault(() => world?.now ?? 0);
  vault.put('shopify-store-demo', { kind });
  world = await World.create({ size, vault, shop: { installation: { accessToken: null } } });
  put(vault, world.shop);
  if (kind === 'offline') install(vault, world.shop);
  await world.mirrored();
  return vault;
}

/** Deliveries that were answered anything but 200: Shopify sends those again. */
const refusals = () => world.courier.stats.failed;

/** Changes at a pace, with what they set off. */
async function traffic(minutes: number): Promise<void> {
  for (let n = 0; n < minutes; n++) {
    world.change(n % 3 === 0 ? 'customer-edit' : n % 3 === 1 ? 'order-annotate' : 'product-edit');
    await world.live(MINUTE, 30_000);
  }
}

test('an offline token is renewed again and again while the store is kept true', async () => {
  const vault = await mirrored('offline');
  await traffic(3 * 60);
  expect(await world.differences()).toEqual([]);
  // One an hour, five minutes early.
  expect(vault.asked.filter((call) => call === 'write shopify-tokens-demo')).toHaveLength(3);
  expect((await world.database.stores())[0]!.settings.attention).toBeNull();
});

describe('the app’s secret is rotated in the middle of traffic', () => {
  test.each(['client', 'offline'] as const)('first in the vault, later at Shopify (%s)', async (kind) => {
    const vault = await mirrored(kind);
    await traffic(5);
    const { clientId } = world.shop.installation;
    vault.put('shopify-app', { clientId, clientSecret: 'second' });
    // Shopify signs with the former one meanwhile, and takes both for tokens.
    await traffic(20);
    rotate('second');
    await traffic(5);
    vault.keepNewest('shopify-app', 1);
    await traffic(70);
    expect(refusals()).toBe(0);
    expect(await world.differences()).toEqual([]);
  });

  test('first at Shopify: what it signed meanwhile is refused, sent again, and taken as soon as the vault has it', async () => {
    const vault = await mirrored('client');
    await traffic(5);
    rotate('second');
    await traffic(3);
    expect(refusals()).toBeGreaterThan(0);
    put(vault, world.shop);
    await world.live(MINUTE, 20_000);
    const before = refusals();
    await traffic(20);
    expect(refusals()).toBe(before);
    await world.live(4 * HOUR, MINUTE);
    expect(await world.differences()).toEqual([]);
    expect((await knockAt(world, { secret: 'second' })).status).toBe(200);
  });

  test('a delivery with the new secret is taken at once, though the old one was read a moment ago', async () => {
    const vault = await mirrored('client');
    await world.service.secrets.read('shopify-store-demo');
    rotate('second');
    put(vault, world.shop);
    expect((await knockAt(world, { secret: 'second' })).status).toBe(200);
    expect((await knockAt(world, { secret: 'secret-of-shop-1' })).status).toBe(200);
    vault.keepNewest('shopify-app', 1);
    world.wait(10 * MINUTE);
    expect((await knockAt(world, { secret: 'secret-of-shop-1' })).status).toBe(401);
  });

  test('forged signatures do not hammer the vault: one look a minute', async () => {
    const vault = await mirrored('client');
    await knockAt(world);
    vault.asked.length = 0;
    for (let second = 0; second < 120; second++) {
      await Promise.all(Array.from({ length: 20 }, () => knockAt(world, { secret: 'forged' })));
      await knockAt(world, { secret: 'forged', domain: 'unheard-of.myshopify.com' });
      world.wait(1_000);
    }
    expect(vault.asked.filter((call) => call === 'versions shopify-app').length).toBeLessThanOrEqual(2);
    expect(vault.asked.length).toBeLessThanOrEqual(4);
  });
});

test('while the vault is away deliveries are verified by what is known', async () => {
  const vault = await mirrored('client');
  vault.before = () => {
    throw new Transient('the vault did not answer (503)');
  };
  await traffic(40);
  expect(refusals()).toBe(0);
  expect(await world.differences()).toEqual([]);
});

test('R7: a store whose refresh token is refused needs attention; the other goes on, and both after a new installation', async () => {
  const vault = new MemoryVault(() => world?.now ?? 0);
  for (const label of ['demo', 'other']) vault.put(`shopify-store-${label}`, { kind: 'offline' });
  world = await World.create({
    size,
    vault,
    shop: { installation: { accessToken: null } },
    env: { SHOPIFY_2_SHOP: 'other.myshopify.com' },
  });
  const { clientId, clientSecret } = world.shop.installation;
  const installation = { clientId, clientSecret, accessToken: null };
  const other = world.simulator.addShop({ domain: 'other.myshopify.com', plan: 'plus', installation });
  populate(other, { seed: 2, ...size });
  put(vault, world.shop);
  for (const shop of [world.shop, other]) install(vault, shop);
  await world.mirrored();
  const attention = async () =>
    Object.fromEntries(
      (await world.database.stores()).map(({ domain, settings }) => [domain, settings.attention]),
    );
  expect(await attention()).toEqual({ 'demo.myshopify.com': null, 'other.myshopify.com': null });

  other.offline.revoke();
  await traffic(70);
  await world.reconcile('sweep');
  await world.connect();
  expect(await attention()).toEqual({
    'demo.myshopify.com': null,
    'other.myshopify.com': expect.stringMatching(/install the app again, .*shop=other.myshopify.com/),
  });
  expect(await world.differences()).toEqual([]);

  install(vault, other);
  await world.connect();
  expect(await attention()).toEqual({ 'demo.myshopify.com': null, 'other.myshopify.com': null });
});
