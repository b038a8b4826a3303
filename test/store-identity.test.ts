import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { addByHand } from '../app/add-store.ts';
import { finishInstall, linkToInstall } from '../app/install-store.ts';
import { attend, upkeep } from '../app/upkeep.ts';
import { redactShop } from '../simulator/privacy.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import type { Service } from '../src/service.ts';
import { createAdminApi } from '../src/shopify/admin.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { shopFacts } from '../src/shopify/shop.ts';
import { createShopClock } from '../src/shopify/shop-clock.ts';
import { askForToken } from '../src/shopify/token-endpoint.ts';
import { untold } from '../src/telemetry.ts';
import { MemoryVault } from './memory-vault.ts';
import { privacyWorld, WORD } from './privacy-world.ts';
import { type OldName, renameShop, sameShopAs } from './renamed-shop.ts';
import { sayings } from './said.ts';
import { knockAt } from './webhook-requests.ts';
import { World, type WorldOptions } from './world.ts';

/** A store is its shop id (R17): names change, and two stores never share one shop. */

const MINUTE = 60_000;
const OLD = 'demo.myshopify.com';
const NEW = 'renamed.myshopify.com';
const size = { customers: 12, products: 4, orders: 8 };
let world: World;
const said: string[] = [];
afterEach(() => world.close());

const listening = (service: Service): Service => ({ ...service, log: sayings(said) });

async function mirrored(options: WorldOptions = {}): Promise<void> {
  world = await World.create({ size, ...options });
  await world.mirrored();
  said.length = 0;
  world.service = listening(world.service);
}

const stores = async () => await world.database.stores();
const shopIdOf = () => world.shop.profile.id.split('/').at(-1)!;
/** A process whose configuration names the store so. */
const configured = (...domains: readonly string[]) => {
  const { clientId, clientSecret } = world.shop.installation;
  const [first, ...more] = domains;
  const others = more.flatMap((domain, i) => [
    [`SHOPIFY_${i + 2}_SHOP`, domain],
    [`SHOPIFY_${i + 2}_CLIENT_ID`, clientId],
    [`SHOPIFY_${i + 2}_CLIENT_SECRET`, clientSecret],
  ]);
  world.service = listening(world.process({ SHOPIFY_SHOP: first!, ...Object.fromEntries(others) }));
};

describe('a known shop under another name', () => {
  test.each<OldName>(['redirects', 'is unknown', 'still answers'])(
    'that the configuration names now renames its store, where the old one %s: same row, everything kept',
    async (oldName) => {
      await mirrored();
      const [before] = await stores();
      const certificates = await world.database.certificates(before!.id, 100);
      renameShop(world, NEW, oldName);
      configured(NEW);
      await upkeep(world.service);
      expect(await stores()).toMatchObject([
        { id: before!.id, domain: NEW, formerDomains: [OLD], active: true, shopId: shopIdOf() },
      ]);
      expect((await stores())[0]!.settings).toMatchObject({ attention: null, identity: null });
      expect(said).toContainEqual(expect.stringMatching(`warning: ${OLD} is called ${NEW} now`));
      expect(await world.database.certificates(before!.id, 100)).toEqual(certificates);
      await world.live(5 * MINUTE);
      expect(await world.differences()).toEqual([]);
    },
  );

  test('finds what was not heard meanwhile: changes by a sweep, deletions by a census', async () => {
    await mirrored();
    renameShop(world, NEW, 'redirects');
    world.shop.subscriptions.clear();
    world.change('customer-edit');
    const [gone] = [...world.shop.products.values()];
    world.shop.products.delete(gone!.id);
    world.service = listening(world.process({ SHOPIFY_SHOP: NEW, WEBHOOK_URL: '' }));
    await attend(world.service, world.service.configuredStores[0]!);
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers', 'products'])).toEqual([]);
  });

  test('is renamed by its hourly visit, when Shopify says the new name under the old one', async () => {
    await mirrored();
    renameShop(world, NEW, 'still answers');
    await upkeep(world.service);
    await upkeep(world.service);
    expect(await stores()).toMatchObject([{ domain: NEW, formerDomains: [OLD], active: true }]);
    expect((await stores())[0]!.settings.identity?.says).toMatch(
      `the shop ${OLD} is called ${NEW} now: correct`,
    );
    world.change('customer-edit');
    await world.live(2 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('is still heard under the old one', async () => {
    await mirrored();
    renameShop(world, NEW, 'redirects');
    configured(NEW);
    await upkeep(world.service);
    expect(await knockAt(world, { domain: OLD })).toMatchObject({ status: 200, reason: 'accepted' });
    expect(await knockAt(world, { domain: NEW })).toMatchObject({ status: 200, reason: 'accepted' });
  });

  test('renamed back has its first name again', async () => {
    await mirrored();
    const { fetch } = world.simulator;
    renameShop(world, NEW, 'redirects');
    configured(NEW);
    await world.connect();
    world.simulator.fetch = fetch;
    Object.assign(world.shop.profile, { domain: OLD });
    configured(OLD);
    await world.connect();
    expect(await stores()).toMatchObject([{ domain: OLD, formerDomains: [NEW], active: true }]);
  });

  test('that an operator adds by hand keeps its store', async () => {
    const vault = new MemoryVault();
    world = await World.create({ size, vault });
    const { clientId, clientSecret } = world.shop.installation;
    const credentials = { kind: 'client', clientId, clientSecret };
    vault.put('shopify-store-demo', credentials);
    await world.mirrored();
    renameShop(world, NEW, 'redirects');
    const reply = await addByHand(world.service, { store: NEW, credentials });
    expect(reply).toMatchObject({ status: 201, body: { store: NEW, id: 1 } });
    expect(await stores()).toMatchObject([{ id: 1, domain: NEW, secretName: 'shopify-store-renamed' }]);
  });

  test('that a merchant installs under the new one keeps its store, with the tokens that were granted now', async () => {
    const vault = new MemoryVault(() => world.now);
    world = await World.create({ size, vault, env: { SHOPIFY_SHOP: '' } });
    const { clientId, clientSecret } = world.shop.installation;
    vault.put('shopify-app', { clientId, clientSecret });
    const installed = async (domain: string) => {
      const link = await linkToInstall(world.service, domain);
      const back = (await world.simulator.fetch(new Request(link))).headers.get('location');
      return await finishInstall(world.service, new URL(back!).searchParams);
    };
    expect(await installed(OLD)).toEqual({ ok: true, domain: OLD });
    await world.live(2 * MINUTE);
    renameShop(world, NEW, 'redirects');
    expect(await installed(NEW)).toEqual({ ok: true, domain: NEW });
    expect(await stores()).toMatchObject([
      { id: 1, domain: NEW, secretName: 'shopify-store-renamed', active: true, formerDomains: [OLD] },
    ]);
    world.change('customer-edit');
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  });

  test('makes no second row while Shopify is away, and none that stays', async () => {
    await mirrored();
    renameShop(world, NEW, 'redirects');
    configured(NEW);
    world.shop.faults.abort = 1;
    await world.connect();
    const active = (await stores()).filter((store) => store.active);
    expect(active).toMatchObject([{ domain: OLD }]);
    world.shop.faults.abort = 0;
    await world.connect();
    expect(await stores()).toMatchObject([{ id: 1, domain: NEW, active: true }]);
  });

  test('wakes its store if it was disconnected, and not if it is paused', async () => {
    await mirrored();
    await world.database.deactivateStore(1);
    renameShop(world, NEW, 'redirects');
    configured(NEW);
    await world.connect();
    expect(await stores()).toMatchObject([{ id: 1, domain: NEW, active: true }]);
    await world.database.pauseStore(1);
    world.service.directory.forget();
    renameShop(world, 'third.myshopify.com', 'redirects');
    configured('third.myshopify.com');
    await world.connect();
    expect(await stores()).toMatchObject([{ id: 1, active: false, rest: { why: 'paused' } }]);
  });

  test('a first name that another shop has taken over is that shop’s', async () => {
    await mirrored();
    renameShop(world, NEW, 'redirects');
    configured(NEW);
    await world.connect();
    const taken = await world.database.activateStore({ domain: OLD, secretName: 'x', shopId: '4711' });
    expect(taken.id).not.toBe(1);
    expect((await world.service.directory.byDomain(OLD))?.id).toBe(1);
    world.service.directory.forget();
    expect((await world.service.directory.byDomain(OLD))?.id).toBe(taken.id);
  });
});

describe('an old name', () => {
  test.each([301, 302, 307, 308])(
    'that redirects (%i) is a problem shown with the new one, and no token follows it',
    async (status) => {
      await mirrored();
      renameShop(world, NEW, 'redirects', status);
      const followed: string[] = [];
      const { fetch } = world.simulator;
      world.simulator.fetch = async (request) => {
        followed.push(request.url);
        return await fetch(request);
      };
      await world.connect();
      const says = new RegExp(`${OLD} is called ${NEW.replaceAll('.', '\\.')} now: .* Set SHOPIFY_SHOP`);
      expect(said).toContainEqual(expect.stringMatching(says));
      expect((await stores())[0]!.settings.attention).toMatch(says);
      await world.reconcile('sweep');
      expect((await stores())[0]!.settings.attention).toMatch(says);
      expect(followed.filter((url) => url.includes(NEW))).toEqual([]);
    },
  );

  test('that redirects when a token is asked for is shown too', async () => {
    world = await World.create({ size });
    world.service = listening(world.service);
    said.length = 0;
    renameShop(world, NEW, 'redirects');
    await world.connect();
    expect(said).toEqual([expect.stringMatching(`is called ${NEW} now`)]);
    expect((await stores())[0]!.settings.attention).toMatch(`is called ${NEW} now`);
  });

  test('is not followed over the wire either', async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(301, { location: `https://${NEW}/admin` }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    world = await World.create({ size, env: { SHOPIFY_ORIGIN: origin } });
    const asked = askForToken({ origin, fetch, clock: () => 0, monotonic: () => 0 }, {});
    const failure = async (work: Promise<unknown>) => String(await work.catch((error: unknown) => error));
    expect(await failure(asked)).toContain(`is called ${NEW} now`);
    const api = createAdminApi({
      ...{ origin, fetch, monotonic: () => 0, sleep: async () => {}, random: () => 0, storeId: 1 },
      ...{ telemetry: untold, tokens: { current: async () => 'token', renew: async () => 'token' } },
      pacing: createPacing({ monotonic: () => 0, sleep: async () => {}, waitMaxMs: 1 }),
      shopClock: createShopClock({ clock: () => 0, monotonic: () => 0, onJump: () => {} }),
    });
    expect(await failure(shopFacts(api))).toContain(`is called ${NEW} now`);
    expect(paths).toEqual(['/admin/oauth/access_token', expect.stringContaining('graphql.json')]);
  });

  test.each([
    'https://evil.example/admin',
    'https://evil.example/x.myshopify.com',
    'https://x.myshopify.com.evil.example/',
    'http://x.myshopify.com/',
    'https://x.myshopify.com:8443/',
    'https://user@evil.example#.myshopify.com',
    'https://<b>.myshopify.com/',
    `https://${OLD}/admin`,
    'javascript:alert(1)',
    '//evil.example/',
    'login',
  ])('is not believed to lead to %s', async (location) => {
    await mirrored();
    world.simulator.fetch = async () => new Response(null, { status: 302, headers: { location } });
    await world.connect();
    expect(said).toEqual([
      expect.stringMatching(/answered with a redirect \(302\) that leads to no other shop/),
    ]);
    expect(said.join()).not.toMatch(/evil|x\.myshopify|<b>/);
  });
});

describe('two names of one shop in the configuration', () => {
  const says = (a: string, b: string) => new RegExp(`${a} and ${b} are one shop, .*take out the other`);

  test.each<OldName>(['redirects', 'is unknown', 'still answers'])(
    'are refused by both, where the old one %s, and one store stays',
    async (oldName) => {
      await mirrored();
      renameShop(world, NEW, oldName);
      configured(OLD, NEW);
      for (let n = 0; n < 3; n++) {
        await upkeep(world.service);
        await world.live(11 * MINUTE);
      }
      expect((await stores()).filter(({ shopId }) => shopId !== null)).toHaveLength(1);
      expect((await stores()).filter(({ active }) => active)).toHaveLength(1);
      const about = `${OLD}|${NEW}`;
      expect(said).toContainEqual(expect.stringMatching(says(`(${about})`, `(${about})`)));
      expect((await stores())[0]!.settings.identity?.says).toMatch(says(`(${about})`, `(${about})`));
    },
  );

  test.each<OldName>(['redirects', 'still answers'])(
    'on an empty database end with one store, where the old one %s',
    async (oldName) => {
      world = await World.create({ size });
      said.length = 0;
      renameShop(world, NEW, oldName);
      configured(OLD, NEW);
      for (let n = 0; n < 3; n++) {
        await upkeep(world.service);
        await world.live(11 * MINUTE);
      }
      expect(await stores()).toMatchObject([{ domain: NEW, active: true, shopId: shopIdOf() }]);
      expect((await stores())[0]!.settings.identity?.says).toMatch(says(OLD, NEW));
      // Taken out, all is well.
      configured(NEW);
      await upkeep(world.service);
      expect((await stores())[0]!.settings).toMatchObject({ identity: null, attention: null });
    },
  );

  test('each of which says the same id of itself end with one store, and the second is refused', async () => {
    world = await World.create({ size });
    said.length = 0;
    sameShopAs(world, 'second.myshopify.com');
    configured(OLD, 'second.myshopify.com');
    for (let n = 0; n < 3; n++) {
      await upkeep(world.service);
      world.wait(61 * MINUTE);
    }
    expect(await stores()).toHaveLength(1);
    expect(await stores()).toMatchObject([{ active: true, shopId: shopIdOf() }]);
    const pair = `(${OLD}|second.myshopify.com)`;
    expect(said).toContainEqual(expect.stringMatching(says(pair, pair)));
  });

  test('in two processes that start at once end with one store', async () => {
    world = await World.create({ size });
    said.length = 0;
    sameShopAs(world, 'second.myshopify.com');
    configured(OLD);
    const one = world.service;
    configured('second.myshopify.com');
    await Promise.all([upkeep(one), upkeep(world.service)]);
    expect((await stores()).filter(({ shopId }) => shopId !== null)).toHaveLength(1);
    expect(await stores()).toHaveLength(1);
  });
});

describe('a shop that an earlier release has made two rows of', () => {
  const SHOP_ID = '60000000001';

  /** The second row is the one of the present name; the first has what was mirrored under the old one. */
  async function doubled(oldName: OldName = 'redirects') {
    const made = await privacyWorld();
    world = made.world;
    renameShop(world, NEW, oldName);
    world.service = listening(world.process({ SHOPIFY_SHOP: NEW }));
    const { id } = await world.database.registerStore({ domain: NEW, secretName: 'env:SHOPIFY' });
    const raw = new DatabaseSync(made.file);
    raw.exec(`UPDATE Stores SET ShopifyShopId = '${SHOP_ID}', IsActive = 1 WHERE Id = ${id}`);
    raw.close();
    said.length = 0;
    await upkeep(world.service);
    await world.live(2 * MINUTE);
    return made;
  }

  test('says so, with both names and what to do, and goes on with each', async () => {
    await doubled();
    const says =
      /^one shop is here 2 times, as demo\.\S+ \(store 1\) and renamed\.\S+ \(store 2\), .*an erasure reaches each$/;
    expect((await stores()).some(({ settings }) => says.test(settings.attention ?? ''))).toBe(true);
    expect((await stores()).map(({ settings }) => settings.identity?.says)).toEqual([
      expect.stringMatching(says),
      expect.stringMatching(says),
    ]);
    expect(said.filter((text) => text.includes('one shop is here 2 times'))).toHaveLength(2);
    expect(await stores()).toMatchObject([{ domain: OLD }, { domain: NEW }]);
    const rows = await world.database.mirrorRows(2, 'customers', null, 1_000);
    expect(rows).toHaveLength(20);
  });

  test.each<OldName>(['redirects', 'is unknown', 'still answers'])(
    'is erased in both, where the old name %s',
    async (oldName) => {
      const { select } = await doubled(oldName);
      world.shop.installed = false;
      redactShop(world.shop);
      await world.live(50 * 60 * MINUTE, 20 * MINUTE);
      expect(await stores()).toEqual([]);
      expect(select('SELECT * FROM Customers')).toEqual([]);
    },
  );

  test('a person is erased in both', async () => {
    const made = await doubled();
    expect(made.select(`SELECT * FROM Customers WHERE FirstName = '${WORD}'`)).toHaveLength(2);
    made.redact();
    await world.live(20 * MINUTE);
    expect(made.select(`SELECT * FROM Customers WHERE FirstName = '${WORD}'`)).toEqual([]);
  });

  test('cannot be made any more, even by what records an answer', async () => {
    await mirrored();
    const [first] = await stores();
    const { id } = await world.database.registerStore({ domain: NEW, secretName: 'x' });
    const facts = {
      ...{ shopId: first!.shopId!, name: 'x', domain: NEW, currency: 'EUR', ianaTimezone: 'UTC' },
      ...{ plan: 'plus', scopes: [], sentAt: 0 },
    };
    await world.database.recordShop(id, facts);
    expect((await stores()).map(({ shopId }) => shopId)).toEqual([first!.shopId, null]);
  });
});

test('a shop of which nobody has the name is found by the id in a signed compliance body', async () => {
  await mirrored();
  const shop_id = Number(shopIdOf());
  const body = { shop_id, shop_domain: NEW, customer: { id: 450 }, orders_to_redact: [] };
  const reply = await knockAt(world, { topic: 'customers/redact', domain: NEW, body });
  expect(reply).toEqual({ status: 200, reason: 'accepted' });
  await world.work();
  expect(await world.database.privacyRequests(1, 10)).toMatchObject([{ topic: 'CUSTOMERS_REDACT' }]);
  const forged = await knockAt(world, { topic: 'customers/redact', domain: NEW, body, secret: 'guessed' });
  expect(forged.status).toBe(401);
  // Another shop, signed by the same app: nothing is held of it.
  const other = { ...body, shop_id: 4711 };
  expect(await knockAt(world, { topic: 'customers/redact', domain: NEW, body: other })).toEqual({
    status: 200,
    reason: 'nothing is held of this shop',
  });
  for (const entity of ENTITY_NAMES)
    expect((await world.database.mirrorRows(1, entity, null, 100)).length).toBeGreaterThan(0);
});
