import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Factory, keepFor, raiseOf, T, verdictOf, worldOf } from './database-fixture.ts';

/** What the database answers for whoever watches: deliveries that took effect, and how key spaces stand. */
export function tellingBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  const delivered = (
    webhookId: string,
    id: string,
    more: { traceparent?: string; triggeredAt?: null } = {},
  ) =>
    world.database.mark(world.storeId, [raiseOf(id)], {
      deliveries: [
        {
          ...{ webhookId, topic: 'T', entity: 'customers', id, triggeredAt: world.now() - 700 },
          ...{ receivedAt: world.now(), ...more },
        },
      ],
    });

  it('a commit answers the deliveries that it proved, with their traces, each once', async () => {
    await delivered('w1', '7', { traceparent: TRACE });
    await delivered('w2', '7');
    await delivered('w3', '8', { triggeredAt: null });
    await delivered('w4', '9', { traceparent: TRACE });
    const triggeredAt = world.now() - 700;
    const taken = await world.take();
    const [seven, eight, nine] = ['7', '8', '9'].map((id) => taken.find((mark) => mark.id === id)!);
    world.advance(300);
    const refreshedAt = world.now();
    const verdicts = [
      { ...verdictOf('7', seven!.sequence), mark: keepFor(0) },
      verdictOf('8', eight!.sequence),
      { ...verdictOf('9', nine!.sequence), proven: false, mark: keepFor(0) },
    ];
    const answered = await world.commit('customers', { verdicts });
    expect(answered).toHaveLength(3);
    expect(answered).toEqual(
      expect.arrayContaining([
        { triggeredAt, refreshedAt, traceparent: TRACE },
        { triggeredAt, refreshedAt, traceparent: null },
        { triggeredAt: null, refreshedAt, traceparent: null },
      ]),
    );
    world.advance(300);
    expect(await world.commit('customers', { verdicts: verdicts.slice(0, 2) })).toEqual([]);
  });

  it('a commit answers nothing of a key that was announced again during the read', async () => {
    await delivered('w1', '7', { traceparent: TRACE });
    const [mark] = await world.take();
    await delivered('w2', '7');
    expect(await world.commit('customers', { verdicts: [verdictOf('7', mark!.sequence)] })).toEqual([]);
  });

  it('gaps of late are counted by their cause, but for those that were on their way', async () => {
    const gap = { changedAt: null, seenAt: T, foundBy: 'sweep', reason: 'newer' } as const;
    await world.detect('sweep', { gaps: [{ id: 'old', ...gap }] });
    world.advance(10_000);
    await world.detect('sweep', { gaps: ['1', '2', '3', '4'].map((id) => ({ id, ...gap })) });
    world.advance(300_000);
    const unjudged = (await world.database.unjudgedGaps(world.storeId, 10)).map(({ gapId }) => gapId);
    const [, ...late] = unjudged.sort((one, other) => one - other);
    const causes = ['never announced', 'never announced', 'in flight'] as const;
    await world.database.judgeGaps(causes.map((cause, i) => ({ gapId: late[i]!, cause })));
    const mine = { storeId: world.storeId, entity: 'customers' };
    const counted = await world.database.gapsSince(305_000);
    expect(counted).toHaveLength(2);
    expect(counted).toEqual(
      expect.arrayContaining([
        { ...mine, cause: 'never announced', gaps: 2 },
        { ...mine, cause: null, gaps: 1 },
      ]),
    );
    expect((await world.database.gapsSince(400_000)).reduce((sum, { gaps }) => sum + gaps, 0)).toBe(4);
  });

  it('every key space of the active stores stands somewhere, with the marks that no census holds', async () => {
    const two = await world.database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
    await world.mark(raiseOf('7'), raiseOf('8', { dueInMs: 500 }), raiseOf('5', { entity: 'orders' }));
    await world.detect('census', { hold: ['9'], censusFinishedAt: T });
    await world.detect('sweep', { sweepFinishedAt: T + 1 });
    const never = { lastSweepAt: null, lastCensusAt: null };
    const standings = await world.database.standings();
    expect(standings).toHaveLength(6);
    expect(standings).toEqual(
      expect.arrayContaining([
        { storeId: world.storeId, entity: 'customers', waiting: 2, lastSweepAt: T + 1, lastCensusAt: T },
        { storeId: world.storeId, entity: 'orders', waiting: 1, ...never },
        { storeId: two.id, entity: 'products', waiting: 0, ...never },
      ]),
    );
    await world.database.deactivateStore(two.id);
    expect(await world.database.standings()).toHaveLength(3);
  });
}
