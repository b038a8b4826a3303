import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bucket } from '../simulator/api/bucket.ts';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import { NeedsAttention, Reject, Transient } from '../src/failures.ts';
import { Secret } from '../src/secrets.ts';
import { WAIT_MAX_MS } from '../src/shopify/admin.ts';
import { readShop } from '../src/shopify/documents.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { TooCostly } from '../src/shopify/too-costly.ts';
import { type Answerer, Client, DEAR_POINTS, DOMAIN, dear, drain } from './admin-client.ts';

/** One request to Shopify and everything that can become of it. */

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const status = (code: number, headers: Record<string, string> = {}): Answerer => {
  return () => json({ errors: 'what Shopify says' }, code, headers);
};
const times = (count: number, answerer: Answerer): Answerer[] =>
  Array.from({ length: count }, () => answerer);
const ask = ({ api }: Client) => api.query(readShop, {});
const failureOf = async (client: Client): Promise<Error> => {
  try {
    await ask(client);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
};
const graphqlRequests = ({ requests }: Client) => requests.filter(({ path }) => path === 'graphql').length;
const grants = ({ requests }: Client) => requests.filter(({ path }) => path === 'token').length;

describe('THROTTLED is no failure', () => {
  const busy = () => {
    const client = new Client();
    populate(client.shop, { seed: 1, customers: 250, products: 0, orders: 0 });
    return client;
  };
  const queryDear = ({ api }: Client) => api.query(dear, { first: 250 });

  test('it is waited out exactly, and the query goes on', async () => {
    const client = busy();
    await queryDear(client);
    client.now += 60_000;
    const left = await drain(client, 60);
    const { data } = await queryDear(client);
    expect(data['customers']).toBeDefined();
    // Five points beyond the cost: both sides round.
    expect(client.sleeps).toEqual([(DEAR_POINTS + 5 - left) * 10]);
    expect(client.simulator.stats(DOMAIN).throttled).toBe(1);
  });

  test('a wait longer than five seconds ends the slice instead, and says when to come back', async () => {
    const client = busy();
    await queryDear(client);
    client.now += 60_000;
    const waiting = () =>
      json({
        errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
        extensions: {
          cost: {
            requestedQueryCost: 900,
            actualQueryCost: null,
            throttleStatus: { maximumAvailable: 2_000, currentlyAvailable: 100, restoreRate: 100 },
          },
        },
      });
    client.instead.graphql = [waiting];
    await expect(queryDear(client)).rejects.toMatchObject({ name: 'Transient', retryAfterMs: 8_050 });
    expect(client.sleeps).toEqual([]);
  });

  test.each([
    ['for ever', 10, 'another app instance is using the budget'],
    ['without saying for how long', 3, 'without saying for how long'],
  ])('answered %s it ends as a passing failure', async (name, requests, says) => {
    const client = new Client();
    const cost = {
      requestedQueryCost: 20,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 2_000, currentlyAvailable: 10, restoreRate: 100 },
    };
    const body = {
      errors: [{ extensions: { code: 'THROTTLED' } }],
      ...(name === 'for ever' ? { extensions: { cost } } : {}),
    };
    client.instead.graphql = times(20, () => json(body));
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(Transient);
    expect(failure.message).toContain(says);
    expect(graphqlRequests(client)).toBe(requests);
  });
});

describe('what passes is tried three times, then left to the mark', () => {
  const cut = () =>
    new ReadableStream({
      start: (stream) => {
        stream.enqueue(new TextEncoder().encode('{"data":{"shop":'));
        stream.error(new TypeError('terminated'));
      },
    });
  const passing: Readonly<Record<string, Answerer>> = {
    '500': status(500),
    '502': status(502),
    '503': status(503),
    '504': status(504),
    '408': status(408),
    'a connection that breaks': () => Promise.reject(new TypeError('fetch failed')),
    'an answer that breaks off': () => new Response(cut()),
    'a page of HTML': () => new Response('<!DOCTYPE html><title>Oops</title>'),
    nothing: () => new Response(''),
    'JSON null': () => json(null),
    'a JSON list': () => json([]),
    'an object of something else': () => json({ status: 'maintenance' }),
    'an error without a code': () => json({ errors: 'Internal Error. Please contact us.' }),
    'an internal error': () =>
      json({ data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }),
    'a timeout inside': () => json({ data: null, errors: [{ extensions: { code: 'TIMEOUT' } }] }),
  };

  test.each(Object.keys(passing))('%s', async (name) => {
    const client = new Client();
    client.instead.graphql = times(3, passing[name]!);
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(Transient);
    expect(graphqlRequests(client)).toBe(3);
    expect(client.sleeps).toEqual([375, 750]);
    client.instead.graphql = times(2, passing[name]!);
    expect((await ask(client)).data['shop']).toBeDefined();
  });

  test('the back-off has jitter', async () => {
    const waits = async (random: number) => {
      const client = new Client({ random: () => random });
      client.instead.graphql = times(3, status(502));
      await failureOf(client);
      return client.sleeps;
    };
    expect(await waits(0)).toEqual([250, 500]);
    expect(await waits(0.9)).toEqual([475, 950]);
  });

  test('429 is waited out as Shopify asks', async () => {
    const client = new Client();
    client.instead.graphql = [status(429, { 'retry-after': '2.0' })];
    await ask(client);
    expect(client.sleeps).toEqual([2_000]);
    client.instead.graphql = times(3, status(429, { 'retry-after': '2.0' }));
    expect(await failureOf(client)).toMatchObject({ name: 'Transient', retryAfterMs: 2_000 });
  });

  test('a long wait that Shopify asks for ends the slice at once', async () => {
    const client = new Client();
    client.instead.graphql = [status(430, { 'retry-after': '60' })];
    expect(await failureOf(client)).toMatchObject({ name: 'Transient', retryAfterMs: 60_000 });
    expect([client.sleeps, graphqlRequests(client)]).toEqual([[], 1]);
  });

  test.each(['', 'soon', '-5', 'Infinity', 'Mon, 23 Nov 2026 09:00:00 GMT'])(
    'a Retry-After of "%s" is not believed',
    async (value) => {
      const client = new Client();
      client.instead.graphql = [status(429, { 'retry-after': value })];
      await ask(client);
      expect(client.sleeps).toEqual([375]);
    },
  );

  test('a Retry-After of years is believed for an hour', async () => {
    const client = new Client();
    client.instead.graphql = [status(503, { 'retry-after': '1e9' })];
    expect(await failureOf(client)).toMatchObject({ retryAfterMs: 3_600_000 });
  });
});

describe('what an operator has to mend is said at once, with what to do', () => {
  test.each<[string, Answerer, RegExp]>([
    ['402', status(402), /frozen.*pays the bill/],
    ['403', status(403), /may not use the Admin API.*check its installation and scopes/],
    ['404', status(404), /no such store.*check SHOPIFY_SHOP/],
    ['423', status(423), /locked.*support must unlock/],
    [
      'an inactive shop',
      () => json({ errors: [{ extensions: { code: 'SHOP_INACTIVE' } }] }),
      /inactive.*reopens it or picks a plan/,
    ],
    [
      'access denied to everything',
      () => json({ data: null, errors: [{ extensions: { code: 'ACCESS_DENIED' } }] }),
      /denied ReadShop: grant the app the read scopes/,
    ],
  ])('%s', async (_, answerer, says) => {
    const client = new Client();
    client.instead.graphql = [answerer];
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect(failure.message).toMatch(says);
    expect([graphqlRequests(client), client.sleeps]).toEqual([1, []]);
  });

  test.each([400, 406, 422])('%i: the query is ours, so it is no use to try again', async (code) => {
    const client = new Client();
    client.instead.graphql = [
      () => json({ errors: { query: 'Required parameter missing or invalid' } }, code),
    ];
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(Reject);
    expect(failure.message).toContain('update Driftless');
    expect(graphqlRequests(client)).toBe(1);
  });

  test('MAX_COST_EXCEEDED asks for fewer objects', async () => {
    const client = new Client();
    client.instead.graphql = [() => json({ errors: [{ extensions: { code: 'MAX_COST_EXCEEDED' } }] })];
    expect(await failureOf(client)).toBeInstanceOf(TooCostly);
  });
});

describe('tokens', () => {
  test('a grant is asked for once, and again before it expires', async () => {
    const client = new Client();
    client.useGrant();
    for (let n = 0; n < 3; n++) await ask(client);
    expect(grants(client)).toBe(1);
    client.now += 24 * 3_600_000 - 4 * 60_000;
    await ask(client);
    expect([grants(client), graphqlRequests(client)]).toEqual([2, 4]);
  });

  test('ten requests at once ask for one grant, at the start and when it was revoked', async () => {
    const client = new Client();
    client.useGrant();
    const ten = () => Promise.all(Array.from({ length: 10 }, () => ask(client)));
    await ten();
    expect([grants(client), client.secretReads]).toEqual([1, 1]);
    client.shop.issuedTokens.clear();
    await ten();
    expect([grants(client), client.secretReads]).toEqual([2, 2]);
    expect(graphqlRequests(client)).toBeLessThanOrEqual(30);
  });

  test('after a 401 the secret is read again: a rotated one needs no restart', async () => {
    const client = new Client();
    await ask(client);
    client.shop.installation = { ...client.shop.installation, accessToken: 'shpat_hush_rotated' };
    client.credentials = { kind: 'token', accessToken: new Secret('shpat_hush_rotated') };
    await ask(client);
    expect(client.secretReads).toBe(2);
    expect(client.requests.map(({ token }) => token)).toEqual([
      'shpat_hush_static',
      'shpat_hush_static',
      'shpat_hush_rotated',
    ]);
  });

  test('refused twice, it needs attention, and the next request tries afresh', async () => {
    const client = new Client();
    client.shop.installed = false;
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect(failure.message).toMatch(/invalid or was revoked; install the app again or renew the token/);
    expect(graphqlRequests(client)).toBe(2);
    client.shop.installed = true;
    await ask(client);
  });

  test('a static token that fits in no header is never sent', async () => {
    const client = new Client();
    client.credentials = { kind: 'token', accessToken: new Secret('shpat_\nhush') };
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect(failure.message).toMatch(/access token of env:SHOPIFY .* copy it anew/);
    expect(inspect(failure, { depth: 8 })).not.toContain('hush');
    expect(client.requests).toEqual([]);
  });

  test.each<[string, Answerer, RegExp]>([
    [
      'refused',
      status(400),
      /refused the app's client id and secret \(400\): check them, and that the app is installed/,
    ],
    ['of an unknown store', status(404), /no such store.*check SHOPIFY_SHOP/],
  ])('a grant that is %s needs attention', async (_, answerer, says) => {
    const client = new Client();
    client.useGrant();
    client.instead.token = [answerer];
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect(failure.message).toMatch(says);
    expect(graphqlRequests(client)).toBe(0);
  });

  test.each<[string, Answerer]>([
    ['a 500', status(500)],
    ['a 429', status(429)],
    ['a page of HTML', () => new Response('<!DOCTYPE html>')],
    ['JSON null', () => json(null)],
    ['no token', () => json({ scope: '' })],
    ['a token that fits in no header', () => json({ access_token: 'hush\n hush', expires_in: 1 })],
    ['a life below zero', () => json({ access_token: 'hush', expires_in: -1 })],
    ['a connection that breaks', () => Promise.reject(new TypeError('fetch failed'))],
  ])('%s instead of a grant passes', async (_, answerer) => {
    const client = new Client();
    client.useGrant();
    client.instead.token = times(3, answerer);
    const failure = await failureOf(client);
    expect(failure).toBeInstanceOf(Transient);
    expect(inspect(failure, { depth: 8 })).not.toMatch(/hush\s+hush/);
    client.instead.token = [];
    expect((await ask(client)).data['shop']).toBeDefined();
  });
});

describe('pacing', () => {
  /** Time for several callers: it moves to the earliest that sleeps, once nobody has anything else to do. */
  function scheduler() {
    const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
    const time = { now: 0 };
    const sleep = (ms: number) =>
      new Promise<void>((wake) => void sleepers.push({ at: time.now + Math.max(ms, 0), wake }));
    const run = async (work: Promise<unknown>) => {
      let done = false;
      void work.finally(() => {
        done = true;
      });
      while (!done) {
        await new Promise(setImmediate);
        sleepers.sort((a, b) => a.at - b.at);
        const next = sleepers.shift();
        if (next === undefined) continue;
        time.now = Math.max(time.now, next.at);
        next.wake();
      }
      await work;
    };
    return { time, sleep, run };
  }

  const shape = fc.record({
    base: fc.integer({ min: 0, max: 12 }),
    perUnit: fc.integer({ min: 1, max: 85 }),
  });

  test('at most 1 % of the requests are throttled, whatever they cost and however many go at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1 }),
        async (shapes, callers, seed) => {
          const { time, sleep, run } = scheduler();
          const bucket = new Bucket(
            () => time.now,
            () => 'standard',
          );
          const pacing = createPacing({ monotonic: () => time.now, sleep, waitMaxMs: WAIT_MAX_MS });
          const counts = { sent: 0, throttled: 0 };
          const random = new Random(`pacing/${seed}`);
          const draw = (max: number) => random.between(0, max - 1);
          const once = async () => {
            const kind = draw(shapes.length);
            const size = 1 + draw(250);
            const { base, perUnit } = shapes[kind]!;
            const requested = Math.min(1_000, base + perUnit * Math.floor(2 * Math.log(Math.max(2, size))));
            try {
              const reservation = await pacing.admit(`operation ${kind}`, size);
              await sleep(20 + draw(100));
              counts.sent++;
              const charged = bucket.charge(requested);
              const actual = charged ? Math.ceil((requested * (1 + draw(100))) / 100) : null;
              if (actual === null) counts.throttled++;
              else bucket.giveBack(requested - actual);
              const told = bucket.status();
              await sleep(20 + draw(100));
              reservation.settle({ requested, actual, status: told });
            } catch (error) {
              if (!(error instanceof Transient)) throw error;
              await sleep(error.retryAfterMs);
            }
          };
          const caller = async () => {
            while (counts.sent < 1_000) await once();
          };
          await run(Promise.all(Array.from({ length: callers }, caller)));
          expect(counts.throttled / counts.sent).toBeLessThanOrEqual(0.01);
        },
      ),
      { numRuns: 15, seed: 5, endOnFailure: true },
    );
  });

  test('the budget is used: a thousand points of work take no more than their ten seconds', async () => {
    const { time, sleep, run } = scheduler();
    const bucket = new Bucket(
      () => time.now,
      () => 'standard',
    );
    const pacing = createPacing({ monotonic: () => time.now, sleep, waitMaxMs: WAIT_MAX_MS });
    const work = async () => {
      // The first 2,000 points are in the bucket; the 3,000 after them take 30 seconds.
      for (let n = 0; n < 100; n++) {
        const reservation = await pacing.admit('operation', 250);
        const charged = bucket.charge(50);
        reservation.settle({ requested: 50, actual: charged ? 50 : null, status: bucket.status() });
      }
    };
    await run(work());
    expect(time.now).toBeGreaterThan(29_000);
    expect(time.now).toBeLessThan(31_500);
  });
});
