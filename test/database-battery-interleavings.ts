import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LANES } from '../src/mark.ts';
import { CLEAR, type Factory, keepFor, raiseOf, T, verdictOf, worldOf } from './database-fixture.ts';

/**
 * Raises, reads in several hands, their commits and censuses, in any order: compared after every step with a
 * model of a mark that fits into a few lines.
 */

interface ModelMark {
  lane: number;
  expected: number | null;
  due: number | null;
  /** Counts raises, where the database has a random sequence. */
  version: number;
}

const id = fc.constantFrom('7', '42', '1000');
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('raise' as const),
      id,
      lane: fc.constantFrom(...LANES),
      expected: fc.option(fc.nat(9)),
      dueInMs: fc.nat(50),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      hand: fc.nat(5),
      clear: fc.boolean(),
      dueInMs: fc.nat(50),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
);

class Model {
  readonly marks = new Map<string, ModelMark>();
  #version = 0;

  raise(key: string, lane: number, expected: number | null, due: number): void {
    const before = this.marks.get(key) ?? { lane, expected, due, version: 0 };
    this.marks.set(key, {
      lane: Math.min(before.lane, lane),
      expected: before.expected === null ? expected : Math.max(before.expected, expected ?? 0),
      due: Math.min(before.due ?? due, due),
      version: ++this.#version,
    });
  }

  commit(key: string, version: number, keptUntil: number | null): void {
    const mark = this.marks.get(key);
    if (mark?.version !== version) return;
    if (keptUntil === null) this.marks.delete(key);
    else this.marks.set(key, { ...mark, due: keptUntil, lane: Math.max(1, mark.lane) });
  }

  /** A mark that stands keeps its way, but no longer to be cleared by a read that began before. */
  hold(key: string): void {
    const version = ++this.#version;
    const standing = this.marks.get(key) ?? { lane: LANES.indexOf('census'), expected: null, due: null };
    this.marks.set(key, { ...standing, version });
  }

  release(now: number): void {
    for (const mark of this.marks.values()) mark.due ??= now;
  }

  asRows() {
    return [...this.marks]
      .map(([key, { lane, expected, due }]) => ({ id: key, lane, expected, due }))
      .toSorted((a, b) => Number(a.id) - Number(b.id));
  }
}

const instant = (value: unknown): number | null =>
  value === null ? null : value instanceof Date ? value.getTime() : Number(value);

export function interleavingsBattery(factory: Factory): void {
  const run = async (steps: readonly Parameters<Parameters<typeof step.map>[0]>[0][]) => {
    const world = await worldOf(factory);
    const model = new Model();
    const hands: { readonly id: string; readonly sequence: string; readonly version: number }[] = [];
    const runId = await world.detect('census', {});
    const stored = async () =>
      (
        await world.select('select Id, Lane, ExpectedUpdatedAt, DueAt from StaleKeys order by IdLength, Id')
      ).map((row) => ({
        id: row['Id'],
        lane: row['Lane'],
        expected: instant(row['ExpectedUpdatedAt']),
        due: instant(row['DueAt']),
      }));
    try {
      for (const next of steps) {
        if (next.do === 'raise') {
          const expected = next.expected === null ? null : T + next.expected;
          await world.mark(
            raiseOf(next.id, { lane: next.lane, expectedUpdatedAt: expected, dueInMs: next.dueInMs }),
          );
          model.raise(next.id, LANES.indexOf(next.lane), expected, world.now() + next.dueInMs);
        } else if (next.do === 'take') {
          for (const mark of await world.take())
            hands.push({ ...mark, version: model.marks.get(mark.id)!.version });
        } else if (next.do === 'commit') {
          const hand = hands.at(-1 - next.hand);
          if (!hand) continue;
          const mark = next.clear ? CLEAR : keepFor(next.dueInMs);
          await world.commit('customers', { verdicts: [{ ...verdictOf(hand.id, hand.sequence), mark }] });
          model.commit(hand.id, hand.version, next.clear ? null : world.now() + next.dueInMs);
        } else if (next.do === 'wait') {
          world.advance(next.ms);
        } else if (next.do === 'hold') {
          await world.detect('census', { runId, hold: [next.id] });
          model.hold(next.id);
        } else {
          await world.database.releaseHeld(runId);
          model.release(world.now());
        }
        expect(await stored()).toEqual(model.asRows());
      }
    } finally {
      await world.close();
    }
  };

  it('keep one mark per key, and lose neither a signal nor the greatest expectation (R4, R6)', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), run), { numRuns: 60 });
  });
}
