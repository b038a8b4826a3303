import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../src/database.ts';
import { childOf, type Factory, PROPERTY_MS, recordOf, T, worldOf, writeOf } from './database-fixture.ts';

/** The outbox: what is written into it, and who gets what in which order. */
export function eventsBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const LEASE = 1_000;
  const version = (id: string, updatedAt: number) =>
    recordOf('customers', id, { Note: `${updatedAt}` }, { updatedAt });
  /** Each change is a commit of its own, as one key has only one in a commit. */
  const write = async (...changes: readonly (readonly [id: string, version: number])[]) => {
    for (const [id, at] of changes)
      await world.commit('customers', { verdicts: [writeOf(version(id, T + at))] });
  };
  const take = async (limit = 100, database: Database = world.database) =>
    await database.takeEvents(world.storeId, limit, LEASE);
  const names = (events: Awaited<ReturnType<typeof take>>) =>
    events.map(({ shopifyId, updatedAt }) => `${shopifyId} at ${updatedAt - T}`);
  const settle = (taken: Awaited<ReturnType<typeof take>>, sent: number, refused: number = 0) => {
    const ids = taken.map(({ id }) => id);
    const end = { sent: ids.slice(0, sent), refused: ids.slice(sent, sent + refused) };
    return world.database.settleEvents(world.storeId, ids, end);
  };

  it('holds what became of a row, which row, and in which columns', async () => {
    const committedAt = world.now();
    await write(['7', 1]);
    const changed = new Map([['7', ['Note', 'City']]]);
    await world.commit('customers', { verdicts: [writeOf(version('7', T + 2))], changed });
    await world.bury('customers', T + 3, true, '7');
    const { id: rowId } = (
      await world.select("select Id as id from Customers where ShopifyCustomerId = '7'")
    )[0]!;
    const event = { entity: 'customers', shopifyId: '7', rowId: Number(rowId), committedAt };
    const taken = await take();
    expect(taken.map(({ id: _, ...rest }) => rest)).toEqual([
      { ...event, type: 'created', columns: null, updatedAt: T + 1 },
      { ...event, type: 'changed', columns: ['Note', 'City'], updatedAt: T + 2 },
      { ...event, type: 'deleted', columns: null, updatedAt: T + 3 },
    ]);
    const ids = taken.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('holds no change in which no column became different', async () => {
    await write(['7', 1]);
    const changed = new Map([['7', []]]);
    await world.commit('customers', { verdicts: [writeOf(version('7', T + 2))], changed });
    expect(names(await take())).toEqual(['7 at 1']);
  });

  it('gives nobody what was only noted', async () => {
    await world.commit('customers', { verdicts: [writeOf(version('7', T + 1))], announce: false });
    expect(await world.database.storesWithEvents()).toEqual([]);
    expect(await take()).toEqual([]);
    const { changes } = await world.database.keyStory(world.storeId, 'customers', '7');
    expect(changes).toEqual([{ type: 'created', at: world.now(), version: T + 1, columns: null }]);
  });

  it('knows the stores of which events wait, active or not', async () => {
    const other = await world.otherStore();
    expect(await world.database.storesWithEvents()).toEqual([]);
    await other.write('products', recordOf('products', '1'));
    await write(['7', 1]);
    expect(await world.database.storesWithEvents()).toEqual([world.storeId, other.storeId]);
    await world.database.deactivateStore(other.storeId);
    const taken = await take();
    expect(await world.database.storesWithEvents()).toEqual([other.storeId]);
    await settle(taken, 0);
    expect(await world.database.storesWithEvents()).toEqual([world.storeId, other.storeId]);
    expect(names(await world.database.takeEvents(other.storeId, 9, LEASE))).toEqual(['1 at 0']);
  });

  it('gives the oldest first, each to one taker until his time is over', async () => {
    await write(['7', 1], ['8', 1], ['9', 1]);
    const first = await take(2);
    expect(names(first)).toEqual(['7 at 1', '8 at 1']);
    expect(names(await take())).toEqual(['9 at 1']);
    expect(await take()).toEqual([]);
    world.advance(LEASE);
    expect(names(await take())).toEqual(['7 at 1', '8 at 1', '9 at 1']);
  });

  it('gives each event to one of several that take at once', async () => {
    const takers = await Promise.all(Array.from({ length: 4 }, () => world.connect()));
    const takeAtOnce = () => Promise.all(takers.map((database) => take(3, database)));
    // From now on the server answers all of them equally quickly.
    await takeAtOnce();
    await world.write('customers', ...Array.from({ length: 60 }, (_, i) => version(`${i + 1}`, T)));
    const taken: number[] = [];
    for (let round = 0; round < 5; round++)
      taken.push(...(await takeAtOnce()).flatMap((events) => events.map(({ id }) => id)));
    await Promise.all(takers.map((database) => database.close()));
    expect(new Set(taken).size).toBe(60);
  });

  it('gives no event of a key while an earlier one is being sent', async () => {
    await write(['7', 1]);
    const first = await take();
    await write(['8', 1], ['7', 2], ['7', 3]);
    expect(names(await take())).toEqual(['8 at 1']);
    await settle(first, 1);
    expect(names(await take())).toEqual(['7 at 2', '7 at 3']);
  });

  it('gives again what was neither sent nor refused, and nothing else', async () => {
    await write(['7', 1], ['8', 1], ['9', 1]);
    await settle(await take(), 1, 1);
    expect(names(await take())).toEqual(['9 at 1']);
    world.advance(LEASE);
    expect(names(await take())).toEqual(['9 at 1']);
  });

  it('does not take back what another has sent meanwhile', async () => {
    await write(['7', 1]);
    const slow = await take();
    world.advance(LEASE);
    await settle(await take(), 1);
    await settle(slow, 0);
    expect(await take()).toEqual([]);
  });

  it('tells what stands in rows, children and buried ones too', async () => {
    const variants = { ProductVariants: [childOf('products', 'ProductVariants', '11', { Price: '1.5000' })] };
    await world.write('products', recordOf('products', '1', { Title: 'Cup' }, { children: variants }));
    await world.write('products', recordOf('products', '2'), recordOf('products', '3'));
    await world.bury('products', T, true, '3');
    const rows = await world.database.contents(world.storeId, 'products', ['1', '3', '4']);
    const all = await world.database.mirrorRows(world.storeId, 'products', null, 10);
    const byKey = (some: typeof rows) => some.toSorted((a, b) => a.key.localeCompare(b.key));
    expect(byKey(rows)).toEqual(byKey(all.filter(({ key }) => key !== '2')));
    expect(rows.find(({ key }) => key === '1')!.children['ProductVariants']![0]!.row['Price']).toBe('1.5000');
  });

  it('keeps the order of each key and loses nothing, whatever two senders meet with', {
    timeout: PROPERTY_MS,
  }, async () => {
    const key = fc.constantFrom('1', '2', '3');
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), key }) },
      fc.record({
        do: fc.constant('take' as const),
        by: fc.constantFrom(0, 1),
        limit: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        do: fc.constant('end' as const),
        by: fc.constantFrom(0, 1),
        sent: fc.integer({ min: 0, max: 4 }),
      }),
      fc.record({
        do: fc.constant('die' as const),
        by: fc.constantFrom(0, 1),
        sent: fc.integer({ min: 0, max: 4 }),
      }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(400, LEASE) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const other = await worldOf(factory);
        try {
          await sendersMeet(other, steps);
        } finally {
          await other.close();
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  type Step =
    | { readonly do: 'change'; readonly key: string }
    | { readonly do: 'take'; readonly by: number; readonly limit: number }
    | { readonly do: 'end' | 'die'; readonly by: number; readonly sent: number }
    | { readonly do: 'pass'; readonly ms: number };

  async function sendersMeet(here: typeof world, steps: readonly Step[]): Promise<void> {
    const { database, storeId } = here;
    const hands: Awaited<ReturnType<typeof take>>[] = [[], []];
    const topic: { readonly key: string; readonly version: number }[] = [];
    let versions = 0;
    /** Sends the first of what is in hand, in order; who dies does not say so. */
    const send = async (by: number, count: number, says: boolean) => {
      const taken = hands[by]!;
      const sent = taken.slice(0, count);
      topic.push(...sent.map(({ shopifyId, updatedAt }) => ({ key: shopifyId, version: updatedAt - T })));
      const ids = taken.map(({ id }) => id);
      if (says) await database.settleEvents(storeId, ids, { sent: ids.slice(0, sent.length), refused: [] });
      hands[by] = [];
    };
    for (const step of [...steps, { do: 'pass', ms: LEASE } as const]) {
      if (step.do === 'change') {
        const record = version(step.key, T + ++versions);
        await here.commit('customers', { verdicts: [writeOf(record)] });
      } else if (step.do === 'take') {
        if (hands[step.by]!.length === 0)
          hands[step.by] = [...(await database.takeEvents(storeId, step.limit, LEASE))];
      } else if (step.do === 'pass') {
        here.advance(step.ms);
      } else await send(step.by, step.sent, step.do === 'end');
    }
    for (let rounds = 0; rounds < 20 && (await database.storesWithEvents()).length > 0; rounds++) {
      hands[0] = [...(await database.takeEvents(storeId, 100, LEASE))];
      await send(0, 100, true);
    }
    const firsts = new Map<string, number[]>();
    for (const { key, version } of topic) {
      const seen = firsts.get(key) ?? [];
      if (!seen.includes(version)) firsts.set(key, [...seen, version]);
    }
    for (const seen of firsts.values()) expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect([...firsts.values()].flat()).toHaveLength(versions);
  }
}
