import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BY_ID, Collection } from '../simulator/collection.ts';
import { compareIds, numericId } from '../simulator/ordering.ts';

interface Thing {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const HISTORY_MS = 50;
const rankOf = ({ updatedAt }: Thing) => updatedAt;
const thing = (id: string, updatedAt: number): Thing => ({
  id: `gid://shopify/Thing/${id}`,
  createdAt: 0,
  updatedAt,
});

/** Ids of different lengths, two of them the same when read as binary floats. */
const IDS = ['7', '450', '1000', '9007199254740992', '9007199254740993'];

const step = fc.record({
  id: fc.constantFrom(...IDS),
  /** Null deletes; otherwise how far `updatedAt` lies behind the time of the change. */
  behind: fc.option(fc.integer({ min: 0, max: 5 })),
  waitMs: fc.integer({ min: 0, max: 20 }),
  /** Reads in between make the orders exist, so that later changes must keep them right. */
  look: fc.boolean(),
});

describe('a collection', () => {
  test('shows every order as it was at any time within its history', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 0, max: HISTORY_MS }),
        (steps, ago) => {
          let now = 1000;
          const collection = new Collection<Thing>(
            () => now,
            () => HISTORY_MS,
          );
          const past: { readonly at: number; readonly things: ReadonlyMap<string, Thing> }[] = [
            { at: 0, things: new Map() },
          ];
          for (const { id, behind, waitMs, look } of steps) {
            now += waitMs;
            const things = new Map(past.at(-1)!.things);
            const one = thing(id, now - (behind ?? 0));
            if (behind === null) {
              collection.delete(one.id);
              things.delete(one.id);
            } else {
              collection.put(one);
              things.set(one.id, one);
            }
            past.push({ at: now, things });
            if (look)
              [...collection.walk({ sortKey: 'UPDATED_AT', rankOf, asOf: now, from: null, reverse: false })];
          }
          const asOf = now - ago;
          const then = [...past.findLast(({ at }) => at <= asOf)!.things.values()];
          const byId = (a: Thing, b: Thing) => compareIds(numericId(a.id), numericId(b.id));
          const byTime = then.toSorted((a, b) => a.updatedAt - b.updatedAt || byId(a, b));
          expect(list(collection, { sortKey: 'UPDATED_AT', rankOf }, asOf, false)).toEqual(byTime);
          expect(list(collection, { sortKey: 'UPDATED_AT', rankOf }, asOf, true)).toEqual(
            byTime.toReversed(),
          );
          expect(list(collection, BY_ID, asOf, false)).toEqual(then.toSorted(byId));
          const current = [...past.at(-1)!.things.values()].sort(byId);
          expect([...collection.values()]).toEqual(current);
          expect(collection.size).toBe(current.length);
          expect(new Set(current.map((_, i) => collection.at(i)))).toEqual(new Set(current));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('continues after any place, also one where nothing stands any more', () => {
    const collection = new Collection<Thing>(
      () => 0,
      () => 0,
    );
    for (const id of IDS) collection.put(thing(id, 0));
    collection.delete('gid://shopify/Thing/1000');
    const after = { value: 1000, id: '1000' };
    const rest = [...collection.walk({ ...BY_ID, asOf: 0, from: after, reverse: false })];
    expect(rest.map(({ place }) => place.id)).toEqual(['9007199254740992', '9007199254740993']);
  });

  test('forgets the dead and the outlived when nobody may ask for them any more', () => {
    let now = 0;
    const collection = new Collection<Thing>(
      () => now,
      () => HISTORY_MS,
    );
    collection.put(thing('7', 0));
    now = 10;
    collection.delete('gid://shopify/Thing/7');
    expect(collection.get('gid://shopify/Thing/7', 9)).not.toBeNull();
    now = 1000;
    collection.put(thing('450', now));
    collection.delete('gid://shopify/Thing/450');
    expect(collection.get('gid://shopify/Thing/7', 9)).toBeNull();
  });
});

type Order = { readonly sortKey: string; readonly rankOf: (object: Thing) => number | string };

const list = (collection: Collection<Thing>, order: Order, asOf: number, reverse: boolean): Thing[] =>
  [...collection.walk({ ...order, asOf, from: null, reverse })].map(({ object }) => object);
