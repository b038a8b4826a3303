import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../db/sqlite/open.ts';
import { Random } from '../simulator/random.ts';
import type { Shop } from '../simulator/shop.ts';
import { createSimulator, type Simulator } from '../simulator/simulator.ts';
import type { Database } from '../src/database.ts';
import { AccessRefused, NeedsAttention, Transient } from '../src/failures.ts';
import { silent } from '../src/log.ts';
import { createTokenSource, type TokenSource } from '../src/shopify/token.ts';
import { createVaultSecrets } from '../src/vault-secrets.ts';
import { MemoryVault } from './memory-vault.ts';

/** The expiring offline token and its rotating refresh token: renewed once, in time, and never lost. */
const DOMAIN = 'demo.myshopify.com';
const STORE = 'shopify-store-demo';
const TOKENS = 'shopify-tokens-demo';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let now: number;
let shop: Shop;
let simulator: Simulator;
let vault: MemoryVault;
let database: Database;
let storeId: number;
/** What happened to tokens, in order: `ask`, `write shopify-tokens-demo`. */
let events: string[];
/** Happens to the next answer of the token endpoint, before it arrives. */
let onAnswer: (response: Response) => Response | Promise<Response>;

beforeEach(async () => {
  now = Date.parse('2026-11-23T09:00:00Z');
  const clock = () => now;
  let nonces = 0;
  simulator = createSimulator({ clock });
  shop = simulator.addShop({ domain: DOMAIN, installation: { accessToken: null } });
  vault = new MemoryVault(clock);
  const { clientId, clientSecret } = shop.installation;
  vault.put('shopify-app', { clientId, clientSecret });
  vault.put(STORE, { kind: 'offline' });
  putTokens();
  database = await openSqlite(':memory:', { clock, nonce: () => `n${++nonces}` });
  storeId = (await database.activateStore({ domain: DOMAIN, secretName: STORE })).id;
  events = [];
  vault.before = (call) => {
    if (call === `write ${TOKENS}`) events.push('write');
  };
  onAnswer = (response) => response;
});
afterEach(() => database.close());

/** As an installation leaves them. */
function putTokens(): void {
  const random = new Random(`install/${now}`);
  const pair = shop.offline.exchange(shop.offline.code(random), random);
  vault.put(TOKENS, {
    ...pair,
    issuedAt: now,
    expiresAt: now + HOUR,
    refreshExpiresAt: now + 90 * 24 * HOUR,
  });
}

/** One process: a token source with memories of its own. */
function instance(ofDatabase: Database = database): TokenSource {
  const clock = () => now;
  return createTokenSource({
    origin: `http://shopify.test/${DOMAIN}`,
    clock,
    monotonic: clock,
    sleep: async (ms) => {
      now += ms;
      await turn();
    },
    fetch: async (input, init) => {
      events.push('ask');
      const answer = await simulator.fetch(new Request(input, { ...init, signal: null }));
      const then = onAnswer;
      onAnswer = (response) => response;
      return await then(answer);
    },
    database: ofDatabase,
    secrets: createVaultSecrets({ vault, monotonic: clock, log: silent }),
    secretName: STORE,
    storeId,
    domain: DOMAIN,
  });
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const works = (token: string) => shop.offline.accepts(token);
const stored = () => JSON.parse(vault.texts(TOKENS)[0]!) as Record<string, unknown>;
const asked = () => events.filter((event) => event === 'ask').length;
const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  const failure = await work.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  return failure as Error;
};

describe('renewed', () => {
  test('in time, and not before', async () => {
    const source = instance();
    const first = await source.current();
    now += 55 * MINUTE - 1;
    expect(await source.current()).toBe(first);
    now += 1;
    const second = await source.current();
    expect(second).not.toBe(first);
    expect(works(second)).toBe(true);
    expect(events).toEqual(['ask', 'write']);
  });

  test('for months, each time by the refresh token that came last', async () => {
    const source = instance();
    for (let hour = 0; hour < 24 * 95; hour++) {
      now += HOUR;
      expect(works(await source.current())).toBe(true);
    }
    expect(asked()).toBe(24 * 95);
  });

  test('when Shopify refuses it before its time', async () => {
    const source = instance();
    const stale = await source.current();
    shop.offline.endAccess();
    const next = await source.renew(stale);
    expect(works(next)).toBe(true);
    expect(await source.current()).toBe(next);
    expect(asked()).toBe(1);
  });

  test('the new pair is durable before its access token is given to anybody', async () => {
    const source = instance();
    now += HOUR;
    let given: string | null = null;
    const gate = Promise.withResolvers<void>();
    vault.before = async (call) => {
      if (call === `write ${TOKENS}`) await gate.promise;
    };
    const asking = source.current().then((token) => {
      given = token;
    });
    for (let n = 0; n < 20; n++) await turn();
    expect(asked()).toBe(1);
    expect(given).toBeNull();
    gate.resolve();
    await asking;
    expect(stored()['accessToken']).toBe(given);
  });

  test('an answer without lives counts as an hour, not as for ever', async () => {
    const source = instance();
    now += HOUR;
    onAnswer = async (response) => {
      const { access_token, refresh_token } = (await response.json()) as Record<string, string>;
      return Response.json({ access_token, refresh_token });
    };
    await source.current();
    expect(stored()).toMatchObject({ expiresAt: now + HOUR, refreshExpiresAt: now + 90 * 24 * HOUR });
  });

  test('with the keys that the app has now, if they were rotated', async () => {
    const source = instance();
    now += 50 * MINUTE;
    await source.current();
    shop.installation = { ...shop.installation, clientSecret: 'rotated' };
    vault.put('shopify-app', { clientId: shop.installation.clientId, clientSecret: 'rotated' });
    now += 6 * MINUTE;
    await expect(source.current()).resolves.toSatisfy(works);
    expect(asked()).toBe(2);
  });
});

describe('by one for all', () => {
  test('ten requests of one process ask once', async () => {
    const source = instance();
    now += HOUR;
    const all = await Promise.all(Array.from({ length: 10 }, () => source.current()));
    expect(new Set(all).size).toBe(1);
    expect(asked()).toBe(1);
  });

  test('of five processes one asks, and the others use what it wrote', async () => {
    const sources = Array.from({ length: 5 }, () => instance());
    await Promise.all(sources.map((source) => source.current()));
    now += HOUR;
    const all = await Promise.all(sources.map((source) => source.current()));
    expect(new Set(all).size).toBe(1);
    expect(works(all[0]!)).toBe(true);
    expect(events).toEqual(['ask', 'write']);
  });

  test('whoever gets the lease right after another renewed uses what that one wrote', async () => {
    const other = instance();
    const late = instance({
      ...database,
      acquireTokenLease: async (...asked) => {
        await other.current();
        return await database.acquireTokenLease(...asked);
      },
    });
    now += HOUR;
    const token = await late.current();
    expect(token).toBe(await other.current());
    expect(asked()).toBe(1);
  });

  test('a process that was refused an old token finds the new one in the vault', async () => {
    const [one, two] = [instance(), instance()];
    const stale = await two.current();
    now += 56 * MINUTE;
    const next = await one.current();
    expect(await two.renew(stale)).toBe(next);
    expect(asked()).toBe(1);
  });

  test('whoever was held up longer than his lease does not write over a newer pair', async () => {
    const [slow, other] = [instance(), instance()];
    now += HOUR;
    onAnswer = async (response) => {
      now += MINUTE;
      await other.current();
      return response;
    };
    expect(await failureOf(slow.current())).toBeInstanceOf(Transient);
    expect(events).toEqual(['ask', 'ask', 'write']);
    for (const source of [slow, other]) expect(works(await source.current())).toBe(true);
    now += HOUR;
    expect(works(await slow.current())).toBe(true);
  });

  test('somebody who holds the lease for ever is waited for ten seconds', async () => {
    await database.acquireTokenLease(storeId, 2 * HOUR);
    const source = instance();
    now += HOUR;
    const before = now;
    const failure = await failureOf(source.current());
    expect(failure).toBeInstanceOf(Transient);
    expect(failure.message).toMatch(/another instance has been renewing/);
    expect(now - before).toBe(10_000);
    expect(asked()).toBe(0);
  });
});

describe('nothing is lost when', () => {
  test('the vault does not take the new pair: it is not used, and the former one renews again', async () => {
    const source = instance();
    now += HOUR;
    const before = stored();
    vault.before = (call) => {
      if (call === `write ${TOKENS}`) throw new Transient('the vault did not answer (503)');
    };
    const failure = await failureOf(source.current());
    expect(failure.message).toMatch(/vault did not answer/);
    // Longer than any slice waits: each further try costs a renewal at Shopify.
    expect(failure).toMatchObject({ name: 'Transient', retryAfterMs: 30_000 });
    expect(stored()).toEqual(before);
    now += 24 * HOUR;
    vault.before = () => {};
    expect(works(await source.current())).toBe(true);
    expect(works(String(stored()['accessToken']))).toBe(true);
  });

  test('the answer is lost after Shopify has renewed', async () => {
    const source = instance();
    now += HOUR;
    onAnswer = () => {
      throw new TypeError('fetch failed');
    };
    expect(await failureOf(source.current())).toBeInstanceOf(Transient);
    expect(works(await source.current())).toBe(true);
  });

  test('the process dies with the new pair in its hands', async () => {
    now += HOUR;
    vault.before = (call) => (call === `write ${TOKENS}` ? new Promise<void>(() => {}) : undefined);
    void instance().current();
    for (let n = 0; n < 20; n++) await turn();
    expect(asked()).toBe(1);
    vault.before = () => {};
    // The next process waits for the dead one's lease; then the former refresh token serves once more.
    const next = instance();
    for (let tries = 0; tries < 6; tries++) expect(await failureOf(next.current())).toBeInstanceOf(Transient);
    expect(works(await next.current())).toBe(true);
    now += HOUR;
    expect(works(await next.current())).toBe(true);
  });

  test.each([
    ['Shopify answers 520', () => new Response('error code: 520', { status: 520 })],
    ['Shopify answers a page', () => new Response('<!DOCTYPE html>')],
  ])('%s: the token that is still valid serves on, and the next try renews', async (_, answer) => {
    const source = instance();
    const first = await source.current();
    now += 56 * MINUTE;
    // It was not renewed: Shopify is only away.
    simulator.fetch = async () => answer();
    await expect(source.current()).resolves.toBe(first);
    await expect(source.current()).resolves.toBe(first);
    expect(asked()).toBe(1);
    now += 29 * 1_000;
    await source.current();
    expect(asked()).toBe(1);
    now += 2 * MINUTE;
    await source.current();
    expect(asked()).toBe(2);
    now += 2 * MINUTE;
    expect(await failureOf(source.current())).toBeInstanceOf(Transient);
  });
});

describe('a store whose app was uninstalled', () => {
  test('needs attention: it says that a merchant has to install the app again, and where', async () => {
    const source = instance();
    shop.installed = false;
    const failure = await failureOf(source.renew(await source.current()));
    expect(failure).toBeInstanceOf(AccessRefused);
    expect(failure.message).toBe(
      'Shopify no longer accepts the refresh token of demo.myshopify.com (401 invalid_request): install the app again, starting from /api/stores/install?shop=demo.myshopify.com',
    );
    expect(inspect(failure, { depth: null })).not.toMatch(/shp[ra]t/);
  });

  test('asks Shopify again once in two minutes, however often a token is wanted', async () => {
    const source = instance();
    now += HOUR;
    shop.installed = false;
    for (let second = 0; second < 25 * 60; second += 10) {
      expect(await failureOf(source.current())).toBeInstanceOf(AccessRefused);
      now += 10_000;
    }
    expect(asked()).toBe(13);
  });

  test('goes on at once when it is installed again', async () => {
    const source = instance();
    now += HOUR;
    shop.installed = false;
    expect(await failureOf(source.current())).toBeInstanceOf(AccessRefused);
    shop.installed = true;
    putTokens();
    expect(works(await source.current())).toBe(true);
  });

  test('is told from an app whose keys are wrong', async () => {
    const source = instance();
    now += HOUR;
    shop.installation = { ...shop.installation, clientSecret: 'another' };
    const failure = await failureOf(source.current());
    expect(failure).toBeInstanceOf(AccessRefused);
    expect(failure.message).toMatch(
      /refused to renew .*\(400 invalid_client\): check the app's id and secret/,
    );
  });
});

test('a store in which the app was never installed says so', async () => {
  vault.put('shopify-store-new', { kind: 'offline' });
  const source = createTokenSource({
    origin: `http://shopify.test/${DOMAIN}`,
    clock: () => now,
    monotonic: () => now,
    sleep: async () => {},
    fetch: async () => new Response(),
    database,
    secrets: createVaultSecrets({ vault, monotonic: () => now, log: silent }),
    secretName: 'shopify-store-new',
    storeId,
    domain: 'new.myshopify.com',
  });
  const failure = await failureOf(source.current());
  expect(failure).toBeInstanceOf(NeedsAttention);
  expect(failure.message).toMatch(
    /not installed in new.myshopify.com yet: install .*shop=new.myshopify.com$/,
  );
});
