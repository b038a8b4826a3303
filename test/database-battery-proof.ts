import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gap } from '../src/gap.ts';
import { certifiedRange } from '../src/range-digest.ts';
import {
  childOf,
  DRAFT,
  type Factory,
  keepFor,
  positionOf,
  raiseOf,
  recordOf,
  T,
  verdictOf,
  worldOf,
  writeOf,
} from './database-fixture.ts';

/** What can be shown to whoever doubts a number: certificates, gaps and their causes, the story of a key. */
export function proofBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const end = {
    verdict: 'matched',
    remarks: ['fine'],
    withheld: ['Customers.Email'],
    completion: {
      mirrorAfter: 3,
      repaired: 1,
      unversioned: 0,
      rejected: 0,
      unproven: 0,
      buried: 0,
      readSince: T,
    },
  } as const;
  /** A census that finds these keys and ends. */
  const census = async (ids: readonly string[], more: { readonly hold?: readonly string[] } = {}) => {
    const raises = ids.map((id) => raiseOf(id, { lane: 'census' }));
    const runId = await world.detect('census', { raises, ...more, census: positionOf() });
    await world.detect('census', { runId, census: null, certificate: DRAFT });
    return runId;
  };
  const latest = async () => (await world.database.certificates(world.storeId, 10))[0]!;
  const ripe = async () => (await world.database.ripeCertificates(world.storeId)).map(({ runId }) => runId);
  const settle = async (mark: ReturnType<typeof verdictOf>['mark'] = { do: 'clear' }) =>
    world.commit('customers', {
      verdicts: (await world.take()).map(({ id, sequence }) => ({
        ...writeOf(recordOf('customers', id, { City: id }), sequence),
        mark,
      })),
    });

  describe('a certificate', () => {
    it('is issued with the end of its census, or not at all', async () => {
      const lost = await world.lease('customers', 'census');
      await world.database.releaseLease(lost);
      const nothing = { raises: [], gaps: [], hold: [], points: 0 };
      const tally = { seen: 0, unchanged: 0, written: 0, deleted: 0, failed: 0, deferred: 0, unknowable: 0 };
      const runId = await world.database.startRun(world.storeId, 'customers', 'census');
      const ending = { ...nothing, tally, runId, certificate: DRAFT };
      await expect(world.database.commitDetection(lost, ending)).rejects.toThrow();
      expect(await world.database.certificates(world.storeId, 10)).toEqual([]);
      await world.detect('census', { runId, certificate: DRAFT });
      const { held: _, ...told } = DRAFT;
      expect(await latest()).toMatchObject({
        ...told,
        storeId: world.storeId,
        entity: 'customers',
        runId,
        verdict: 'waiting',
        issuedAt: world.now(),
        completedAt: null,
      });
      await world.detect('census', { certificate: { ...DRAFT, held: true } });
      expect(await latest()).toMatchObject({ verdict: 'held' });
    });

    it('waits for the marks of its findings, and counts the rows that reading them changed', async () => {
      await world.write('customers', recordOf('customers', '8', { City: '8' }));
      const runId = await census(['7', '8']);
      expect(await latest()).toMatchObject({ waiting: 2, completion: { repaired: 0 } });
      await settle(keepFor(0));
      expect(await ripe()).toEqual([]);
      await settle();
      expect(await ripe()).toEqual([runId]);
      // '8' was right already; '7' was written by the first of two reads.
      expect(await latest()).toMatchObject({ waiting: 0, completion: { repaired: 1, mirrorAfter: 2 } });
    });

    it('waits for held marks too, and for those of an earlier census whose keys it found again', async () => {
      const earlier = await census([], { hold: ['5'] });
      const later = await census(['6'], { hold: ['5'] });
      await settle();
      expect(await ripe()).toEqual([]);
      await world.database.releaseHeld(later);
      await settle();
      expect(await ripe()).toEqual([earlier, later]);
    });

    it('waits for no signal, no sweep, no other store, and no parked record', async () => {
      const two = await world.otherStore();
      const runId = await census(['7']);
      await world.mark(raiseOf('1'));
      await world.detect('sweep', { raises: [raiseOf('2', { lane: 'sweep' })] });
      await two.detect('census', { raises: [raiseOf('7')], census: positionOf() });
      await world.commit('customers', { rejects: [{ id: '7', reason: 'Customers.City is no text' }] });
      expect(await ripe()).toEqual([runId]);
      expect(await latest()).toMatchObject({ waiting: 1, completion: { rejected: 1 } });
      expect(await two.database.ripeCertificates(two.storeId)).toEqual([]);
    });

    it('goes on waiting when a webhook raises what it found', async () => {
      await census(['7']);
      await world.mark(raiseOf('7'));
      expect(await ripe()).toEqual([]);
      await settle();
      expect(await ripe()).toHaveLength(1);
      expect(await latest()).toMatchObject({ completion: { repaired: 1 } });
    });

    it('counts the keys whose marks ended without proof while it was made or open, each once', async () => {
      const unproven = async (id: string) => {
        const mark = (await world.take()).find((each) => each.id === id)!;
        const verdicts = [{ ...verdictOf(id, mark.sequence), proven: false }];
        await world.commit('customers', { verdicts });
      };
      const earlier = await census(['7', '8']);
      await unproven('7');
      world.advance(10);
      const later = await census(['7', '9']);
      await unproven('7');
      await unproven('8');
      await world.mark(raiseOf('5'));
      await unproven('5');
      const counted = new Map(
        (await world.database.certificates(world.storeId, 10)).map((each) => [
          each.runId,
          each.completion.unproven,
        ]),
      );
      expect(counted).toEqual(
        new Map([
          [later, 2],
          [earlier, 2],
        ]),
      );
    });

    it('does not wait for a key that was read since in a later version and lacks only its settle read', async () => {
      const runId = await census(['7']);
      const keep = (excusesBefore: number | null) => settle(keepFor(0, { excusesBefore }));
      await keep(null);
      await keep(T);
      expect(await ripe()).toEqual([]);
      await keep(T + 1);
      expect(await ripe()).toEqual([runId]);
      // A webhook tells of a later change still; the next census finds the key anew.
      await world.mark(raiseOf('7', { expectedUpdatedAt: T + 2 }));
      await keep(null);
      expect(await ripe()).toEqual([runId]);
      const later = await world.detect('census', {
        touch: [{ id: '7', unlisted: false }],
        census: positionOf(),
      });
      expect(await ripe()).toEqual([]);
      await keep(T + 3);
      await world.detect('census', { runId: later, raises: [raiseOf('7')], census: positionOf() });
      expect(await ripe()).toEqual([]);
    });

    it('keeps what its census saw of each range, in their order', async () => {
      const keys = [{ id: '7', updatedAt: T }];
      const ranges = [
        certifiedRange({ after: null, through: '9', comparedAt: T - 5 }, keys, ['8']),
        certifiedRange({ after: '9', through: '1000', comparedAt: T - 4 }, [], ['1000']),
      ];
      const runId = await world.detect('census', { range: ranges[0]!, census: positionOf() });
      await world.detect('census', { runId, range: ranges[1]!, census: positionOf() });
      await world.detect('census', { range: ranges[0]!, census: positionOf() });
      expect(await world.database.certifiedRanges(runId)).toEqual(ranges);
    });

    it('knows in which hours its key space was refreshed since', async () => {
      await world.write('customers', recordOf('customers', '7'));
      await world.write('orders', recordOf('orders', '7'));
      world.advance(3_600_000);
      const since = world.now();
      await world.write('customers', recordOf('customers', '8'));
      const runs = await world.database.refreshRuns(world.storeId, 'customers', since);
      expect(runs).toEqual([{ id: expect.any(Number), startedAt: since - (since % 3_600_000) }]);
      expect(await world.database.refreshRuns(world.storeId, 'customers', 0)).toHaveLength(2);
    });

    it('never changes once it is completed', async () => {
      await census([]);
      const { id } = await latest();
      await world.database.completeCertificate(id, end);
      const completed = await latest();
      expect(completed).toMatchObject({ ...end, completedAt: world.now(), waiting: 0 });
      world.advance(1_000);
      await world.database.completeCertificate(id, { ...end, verdict: 'count differs' });
      await world.write('customers', recordOf('customers', '1'));
      expect(await latest()).toEqual(completed);
      expect(await ripe()).toEqual([]);
    });

    it('tells since when every row has been read, and what was buried since its beginning', async () => {
      await world.write('customers', recordOf('customers', '1'), recordOf('customers', '2'));
      await world.bury('customers', T + 9, true, '2');
      await census([]);
      expect((await latest()).completion).toMatchObject({ readSince: T + 5_000, buried: 1, mirrorAfter: 1 });
    });
  });

  it('remembers where the history begins: the earliest time that was told, until nothing is cut off', async () => {
    const coverage = async () => (await world.database.syncState(world.storeId, 'orders')).coverageFrom;
    await world.detect('census', { coverageFrom: T, contentAt: T + 3 }, 'orders');
    await world.detect('census', { coverageFrom: T + 9 }, 'orders');
    expect(await coverage()).toBe(T);
    expect((await world.database.status(world.storeId)).coverageFrom).toEqual({ orders: T });
    expect(await world.database.syncState(world.storeId, 'orders')).toMatchObject({ lastContentAt: T + 3 });
    await world.detect('census', { coverageFrom: null }, 'orders');
    expect(await coverage()).toBeNull();
  });

  it('counts the children of each row of a range', async () => {
    const variants = (...keys: readonly string[]) => ({
      children: { ProductVariants: keys.map((key) => childOf('products', 'ProductVariants', key)) },
    });
    await world.write(
      'products',
      recordOf('products', '1', {}, variants('11', '12')),
      recordOf('products', '2'),
    );
    const { rows } = await world.database.keysInRange(world.storeId, 'products', null, null, 10);
    expect(rows.map(({ childCounts }) => childCounts)).toEqual([
      { ProductVariants: 2 },
      { ProductVariants: 0 },
    ]);
  });

  it('finds the living rows that were read longest ago', async () => {
    const read = (id: string, readAt: number) => ({
      ...verdictOf(id),
      row: { do: 'write' as const, record: recordOf('customers', id), readAt },
    });
    await world.commit('customers', {
      verdicts: [read('1', T + 3), read('2', T + 1), read('3', T + 2), read('4', T)],
    });
    await world.bury('customers', T, true, '4');
    expect(await world.database.longestUnread(world.storeId, 'customers', 2)).toEqual(['2', '3']);
  });

  describe('a gap', () => {
    const gap: Gap = { id: '7', reason: 'newer', changedAt: T, seenAt: T + 5_000, foundBy: 'sweep' };
    const unjudged = () => world.database.unjudgedGaps(world.storeId, 10);
    const arrive = (webhookId: string, topic = 'CUSTOMERS_UPDATE', id = '7') =>
      world.database.mark(world.storeId, [], {
        deliveries: [
          { webhookId, topic, entity: 'customers', id, triggeredAt: T + 100, receivedAt: world.now() },
        ],
      });
    const taken = async () => {
      await world.mark(raiseOf('7'));
      const [mark] = await world.take();
      await world.commit('customers', { verdicts: [verdictOf('7', mark!.sequence)] });
    };

    it('is to be judged once it is healed, or five minutes old', async () => {
      await world.detect('sweep', { gaps: [gap, { ...gap, id: '8' }] });
      expect(await unjudged()).toEqual([]);
      await taken();
      expect(await unjudged()).toHaveLength(1);
      world.advance(5 * 60_000);
      expect(await unjudged()).toHaveLength(2);
    });

    it('comes with its evidence: times, deliveries of its key, and whether it is parked', async () => {
      const runId = await world.detect('sweep', { gaps: [gap] });
      const foundAt = world.now();
      await arrive('a');
      await arrive('b', 'CUSTOMERS_DELETE');
      await arrive('c', 'CUSTOMERS_UPDATE', '8');
      await world.commit('customers', { rejects: [{ id: '7', reason: 'no' }] });
      world.advance(5 * 60_000);
      const { id: _, foundBy: __, ...facts } = gap;
      expect(await unjudged()).toEqual([
        {
          ...facts,
          gapId: expect.any(Number),
          storeId: world.storeId,
          entity: 'customers',
          foundAt,
          rejected: true,
          deliveries: [
            { topic: 'CUSTOMERS_UPDATE', triggeredAt: T + 100, receivedAt: foundAt },
            { topic: 'CUSTOMERS_DELETE', triggeredAt: T + 100, receivedAt: foundAt },
          ],
        },
      ]);
      const { gaps } = await world.database.keyStory(world.storeId, 'customers', '7');
      expect(gaps).toMatchObject([{ runId, foundBy: 'sweep', cause: null }]);
    });

    it('is judged anew when a delivery for its key comes, and is none if it was in flight', async () => {
      await world.detect('sweep', { gaps: [gap] });
      await taken();
      const [found] = await unjudged();
      await world.database.judgeGaps([{ gapId: found!.gapId, cause: 'never announced' }]);
      expect(await unjudged()).toEqual([]);
      const status = async () => await world.database.status(world.storeId);
      expect(await status()).toMatchObject({ gapsFound: 1, gapCauses: { 'never announced': 1 } });
      await arrive('other', 'CUSTOMERS_UPDATE', '8');
      expect(await unjudged()).toEqual([]);
      await arrive('late');
      expect(await unjudged()).toHaveLength(1);
      await world.database.judgeGaps([{ gapId: found!.gapId, cause: 'in flight' }]);
      await arrive('later still');
      expect(await unjudged()).toEqual([]);
      expect(await status()).toMatchObject({ gapsFound: 0, gapsHealed: 0, gapCauses: {} });
    });

    it('of content that only a read could find is opened and healed by that read', async () => {
      await world.mark(raiseOf('7'));
      const [mark] = await world.take();
      const { foundBy, seenAt } = gap;
      await world.commit('customers', {
        verdicts: [verdictOf('7', mark!.sequence)],
        gaps: [{ id: '7', reason: 'unversioned', changedAt: null, seenAt, foundBy, runId: null }],
      });
      expect(await world.database.status(world.storeId)).toMatchObject({ gapsFound: 1, gapsHealed: 1 });
    });
  });

  it('tells by topic how many webhooks came, were lost or late, and how long a row took', async () => {
    const { database, storeId } = world;
    const log = (webhookId: string, topic: string, id: string, agoMs: number) =>
      database.mark(storeId, [raiseOf(id)], {
        deliveries: [
          {
            webhookId,
            topic,
            entity: 'customers',
            id,
            triggeredAt: world.now() - agoMs,
            receivedAt: world.now(),
          },
        ],
      });
    await log('long ago', 'CUSTOMERS_UPDATE', '9', 5);
    world.advance(100_000);
    for (const [i, id] of ['1', '2', '3'].entries())
      await log(`w${id}`, 'CUSTOMERS_UPDATE', id, (i + 1) * 100);
    await log('w3', 'CUSTOMERS_UPDATE', '4', 300);
    const marks = await world.take();
    await world.commit('customers', { verdicts: marks.map(({ id, sequence }) => verdictOf(id, sequence)) });
    const lost = { changedAt: null, seenAt: T, foundBy: 'census' } as const;
    await world.detect('census', {
      gaps: [
        { ...lost, id: '5', reason: 'newer' },
        { ...lost, id: '6', reason: 'vanished' },
        { ...lost, id: '7', reason: 'newer' },
        { ...lost, id: '8', reason: 'newer' },
      ],
    });
    world.advance(6 * 60_000);
    const causes = ['never announced', 'deleted unannounced', 'announced late', 'in flight'] as const;
    const gaps = await database.unjudgedGaps(storeId, 10);
    await database.judgeGaps(gaps.map(({ gapId }, i) => ({ gapId, cause: causes[i]! })));
    expect(await database.deliveryQuality(storeId, 7 * 60_000)).toEqual([
      {
        topic: 'CUSTOMERS_DELETE',
        delivered: 0,
        lost: 1,
        late: 0,
        deliveryRate: 0,
        lossRate: 1,
        lagP50Ms: null,
        lagP90Ms: null,
        lagP99Ms: null,
      },
      {
        topic: 'CUSTOMERS_UPDATE',
        delivered: 3,
        lost: 1,
        late: 1,
        deliveryRate: 0.75,
        lossRate: 0.25,
        lagP50Ms: 300,
        lagP90Ms: 100_005,
        lagP99Ms: 100_005,
      },
    ]);
    expect((await database.status(storeId)).topics.map(({ delivered }) => delivered)).toEqual([0, 4]);
  });

  it('tells the story of a key, and nothing of others', async () => {
    const { database, storeId } = world;
    await world.write('customers', recordOf('customers', '7'), recordOf('customers', '8'));
    await census(['7', '8']);
    await world.commit('customers', { rejects: [{ id: '8', reason: 'other' }] });
    const story = await database.keyStory(storeId, 'customers', '7');
    expect(story).toMatchObject({
      row: { updatedAt: T, syncedAt: world.now() },
      mark: { lane: 'census', reason: 'TEST', markedAt: world.now(), dueAt: world.now() },
      deliveries: [],
      changes: [{ type: 'created', version: T, at: world.now() }],
      gaps: [],
      reject: null,
      certificates: [{ depth: 'heads' }],
    });
    expect(await database.keyStory(storeId, 'customers', '8')).toMatchObject({ reject: { times: 1 } });
    expect(await database.keyStory(storeId, 'orders', '7')).toEqual({
      row: null,
      mark: null,
      deliveries: [],
      changes: [],
      gaps: [],
      reject: null,
      certificates: [],
    });
  });
}
