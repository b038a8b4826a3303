import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { selfTest } from '../reconcile/selftest.ts';
import { type Sight, sightingOf } from '../reconcile/sighting.ts';
import { DEFAULT_TIMING } from '../src/clock.ts';
import { customers } from '../src/entities/customers.ts';
import type { RangeRow } from '../src/record.ts';
import type { Head } from '../src/shopify/heads.ts';
import { verify } from '../src/verify.ts';
import { World } from './world.ts';

/** A certificate that anybody can recompute, and a census that tests itself. */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('a certificate', () => {
  let world: World;
  afterEach(() => world.close());

  const certified = async (size = 600) => {
    world = await World.create({ size: { customers: size, products: 1, orders: 0 } });
    await world.mirrored();
    await world.live(2 * MINUTE);
    await world.reconcile('census', ['customers']);
    await world.live(2 * MINUTE);
    return await latest();
  };
  const latest = async () => (await world.database.certificates(await world.storeId(), 1))[0]!;
  const ids = () => [...world.shop.customers.values()].map(({ id }) => id.slice(id.lastIndexOf('/') + 1));

  test('keeps of each range how many keys were equal, and a digest that the tables tell again', async () => {
    const { runId, listed } = await certified();
    const ranges = await world.database.certifiedRanges(runId);
    expect(ranges.length).toBe(2);
    expect(ranges[0]!.after).toBeNull();
    expect(ranges[1]!.after).toBe(ranges[0]!.through);
    expect(ranges.reduce((sum, { equal }) => sum + equal, 0)).toBe(listed);
    // As the documents say it, by somebody who has only the tables.
    const { rows } = await world.database.keysInRange(await world.storeId(), 'customers', null, null, 9_999);
    const upTo = rows.findIndex(({ id }) => id === ranges[0]!.through) + 1;
    const lines = rows
      .slice(0, upTo)
      .map(({ id, updatedAt }) => `${id} ${new Date(updatedAt).toISOString().replace('.000Z', 'Z')}\n`);
    const digest = createHash('sha256').update(lines.join('')).digest('hex');
    expect(ranges[0]).toMatchObject({ equal: upTo, digest, others: [] });
  });

  test('is the same when it is recomputed, also after rows were read again and had not changed', async () => {
    const certificate = await certified();
    expect(await verify(world.database, certificate)).toEqual({ ranges: 2, keys: 600, moved: [] });
    await world.live(DAY, 60 * MINUTE);
    await world.reconcile('content', ['customers']);
    await world.live(5 * MINUTE);
    expect((await verify(world.database, certificate)).moved).toEqual([]);
  });

  test('names the ranges whose rows have moved since, the rows, and the runs that moved them', async () => {
    const certificate = await certified();
    await world.live(2 * 60 * MINUTE, 20 * MINUTE);
    const [changed] = [...world.shop.customers.values()].filter((_, i) => i === 7);
    world.edit(changed!.id, { note: 'changed' });
    await world.live(2 * MINUTE);
    const storeId = await world.storeId();
    const runs = await world.database.refreshRuns(storeId, 'customers', world.now);
    expect(runs).toHaveLength(1);
    const { moved } = await verify(world.database, certificate);
    expect(moved).toHaveLength(1);
    expect(moved[0]).toMatchObject({ rows: [ids()[7]], runs: [runs[0]!.id] });
    expect(moved[0]!.live).toBe(moved[0]!.equal);
  });

  test('names a range that nobody of Driftless has changed', async () => {
    const certificate = await certified();
    const real = world.database;
    const tampered = {
      certifiedRanges: real.certifiedRanges,
      refreshRuns: real.refreshRuns,
      keysInRange: async (...of: Parameters<typeof real.keysInRange>) => {
        const view = await real.keysInRange(...of);
        return { ...view, rows: view.rows.filter(({ id }) => id !== ids()[3]) };
      },
    };
    const { moved } = await verify(tampered, certificate);
    expect(moved).toMatchObject([{ rows: [], runs: [] }]);
    expect(moved[0]!.equal - moved[0]!.live).toBe(1);
  });

  test('says how often the census was tested, and found what it had left out', async () => {
    const certificate = await certified();
    expect(certificate).toMatchObject({ planted: 2, detected: 2, verdict: 'matched', remarks: [] });
  });

  test('of a census that is blind never says matched', async () => {
    const certificate = await certified();
    expect(certificate.verdict).toBe('matched');
    const commit = world.database.commitDetection;
    const blind = {
      ...world.database,
      commitDetection: (async (lease, { certificate: draft, ...detected }) =>
        await commit(lease, {
          ...detected,
          ...(draft ? { certificate: { ...draft, detected: 0 } } : {}),
        })) satisfies typeof commit,
    };
    world.service = { ...world.service, database: blind };
    const said: string[] = [];
    world.service = { ...world.service, log: (name) => said.push(name) };
    await world.reconcile('census', ['customers']);
    await world.live(2 * MINUTE);
    expect(await latest()).toMatchObject({
      verdict: 'blind',
      remarks: [expect.stringMatching(/found \d of 2 keys/)],
    });
    expect(said).toContain('censusBlind');
  });
});

describe('the test of a census', () => {
  const T = Date.parse('2026-10-01T00:00:00Z');
  const head = (id: string): Head => ({ id, createdAt: T - DAY, updatedAt: T - DAY, childCounts: {} });
  const row = (id: string, more: Partial<RangeRow> = {}): RangeRow => ({
    id,
    createdAt: T - DAY,
    updatedAt: T - DAY,
    readAt: T - DAY / 2,
    syncedAt: T,
    deletedAt: null,
    contentHash: null,
    lacks: null,
    childCounts: {},
    ...more,
  });
  let world: World;
  let sight: Sight;
  beforeAll(async () => {
    world = await World.create();
    await world.connect();
    const [store] = await world.database.stores();
    sight = { store: store!, entity: customers, kind: 'census', sentAt: T, timing: DEFAULT_TIMING };
  });
  afterAll(() => world.close());

  const view = {
    at: T,
    rows: ['1', '2', '3', '4'].map((id) => row(id)),
    marks: [{ id: '2', held: false }],
  };
  const heads = ['1', '2', '3'].map(head);
  let nonces = 0;
  const nonce = () => `n${++nonces}`;

  test('leaves one head out and must find exactly it, beside what is missing anyway', () => {
    const seen = sightingOf(sight, heads, view);
    expect(seen).toMatchObject({ vanished: ['4'], touched: [{ id: '2', unlisted: false }] });
    for (let n = 0; n < 20; n++)
      expect(selfTest(nonce, sight, heads, view, seen)).toEqual({ planted: 1, detected: 1 });
  });

  test('tells a comparison that is blind, whatever it passes over', () => {
    const blind = (compare: typeof sightingOf) => {
      const seen = compare(sight, heads, view);
      return selfTest(nonce, sight, heads, view, seen, compare);
    };
    let calls = 0;
    const oneTooMany = (...of: Parameters<typeof sightingOf>) => {
      const seen = sightingOf(...of);
      return ++calls === 1 ? seen : { ...seen, vanished: [...seen.vanished, '99'] };
    };
    expect(blind(oneTooMany)).toEqual({ planted: 1, detected: 0 });
    expect(blind((...of) => ({ ...sightingOf(...of), vanished: [] }))).toEqual({ planted: 1, detected: 0 });
    expect(blind((...of) => ({ ...sightingOf(...of), vanished: ['1', '2', '3', '4'] }))).toEqual({
      planted: 1,
      detected: 0,
    });
  });

  test('has nothing to leave out where no listed key has a live row', () => {
    const nothing = { at: T, rows: [row('1', { deletedAt: T - DAY })], marks: [] };
    const seen = sightingOf(sight, heads, nothing);
    expect(selfTest(nonce, sight, heads, nothing, seen)).toEqual({ planted: 0, detected: 0 });
  });
});
