import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CertificateDraft } from '../src/certificate.ts';
import { NO_FINDINGS } from '../src/certificate.ts';
import {
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

/** The view by which readers know how far the mirror can be trusted. */
export function freshnessBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const COLUMNS = 'Entity, TrueAsOf, LastSweepAt, LastCertificateAt, CoverageFrom, Waiting, Parked';
  /** Whatever the driver makes of times: in milliseconds. */
  const freshness = async (entity = 'customers', storeId = world.storeId) => {
    const [row] = await world.select(
      `select ${COLUMNS} from Freshness where StoreId = ${storeId} and Entity = '${entity}'`,
    );
    const { Entity: _, ...values } = row!;
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, value === null ? null : Number(value)]),
    );
  };
  const swept = (watermark: number) => world.detect('sweep', { watermark, sweepFinishedAt: watermark });
  const NOTHING = {
    TrueAsOf: null,
    LastSweepAt: null,
    LastCertificateAt: null,
    CoverageFrom: null,
    Waiting: 0,
    Parked: 0,
  };

  it('says nothing before the first mirror, one row per store and entity', async () => {
    const two = await world.otherStore();
    expect(await freshness()).toEqual(NOTHING);
    expect(await freshness('orders', two.storeId)).toEqual(NOTHING);
    await world.mark(raiseOf('7'));
    expect(await freshness()).toEqual({ ...NOTHING, Waiting: 1 });
    expect(await world.select('select Entity from Freshness')).toHaveLength(6);
  });

  it('is true as of the watermark when nothing waits, store by store and entity by entity', async () => {
    const two = await world.otherStore();
    await swept(T);
    await two.mark(raiseOf('7', { expectedUpdatedAt: T - 9_000 }));
    await world.mark(raiseOf('7', { entity: 'orders', expectedUpdatedAt: T - 9_000 }));
    expect(await freshness()).toEqual({ ...NOTHING, TrueAsOf: T, LastSweepAt: T });
  });

  it('is true as of the oldest version that waits to be read, and never of more than was compared', async () => {
    await swept(T);
    await world.mark(raiseOf('7', { expectedUpdatedAt: T - 5_000 }));
    await world.mark(raiseOf('8', { expectedUpdatedAt: T - 3_000 }));
    await world.mark(raiseOf('9', { expectedUpdatedAt: T + 3_000 }));
    expect(await freshness()).toMatchObject({ TrueAsOf: T - 5_000, Waiting: 3 });
    await read('7');
    expect(await freshness()).toMatchObject({ TrueAsOf: T - 3_000, Waiting: 2 });
    await read('8');
    expect(await freshness()).toMatchObject({ TrueAsOf: T, Waiting: 1 });
  });

  it('counts a mark that names no version from when it was set, until the mark is gone', async () => {
    const later = world.now() + 60_000;
    await swept(later);
    await world.mark(raiseOf('7'));
    const markedAt = world.now();
    world.advance(5_000);
    await world.mark(raiseOf('7'));
    expect(await freshness()).toMatchObject({ TrueAsOf: markedAt });
    const [mark] = await world.take();
    const kept = { ...writeOf(recordOf('customers', '7'), mark!.sequence), mark: keepFor(1_000) };
    await world.commit('customers', { verdicts: [kept] });
    expect(await freshness()).toMatchObject({ TrueAsOf: markedAt });
    world.advance(1_000);
    await read('7');
    expect(await freshness()).toMatchObject({ TrueAsOf: later });
  });

  it('is held back by what a census holds, and not by a parked record, which it counts', async () => {
    await swept(world.now() + 1_000);
    await world.mark(raiseOf('7', { expectedUpdatedAt: T }));
    await world.commit('customers', { rejects: [{ id: '7', reason: 'Customers.City is no text' }] });
    expect(await freshness()).toMatchObject({ TrueAsOf: world.now() + 1_000, Waiting: 0, Parked: 1 });
    await world.detect('census', { hold: ['8'] });
    expect(await freshness()).toMatchObject({ TrueAsOf: world.now(), Waiting: 1, Parked: 1 });
  });

  it('tells when the latest census began that matched, and where history begins', async () => {
    const draft: CertificateDraft = {
      depth: 'heads',
      fromAt: T,
      toAt: T + 9_000,
      counted: 0,
      listed: 0,
      mirrorBefore: 0,
      found: NO_FINDINGS,
      unknowable: 0,
      unknowableBefore: null,
      planted: 2,
      detected: 2,
      byIndex: [],
      points: 0,
      held: false,
    };
    const census = async (fromAt: number, verdict: 'matched' | 'matched but' | 'count differs') => {
      const runId = await world.detect('census', { census: positionOf(), coverageFrom: T - 1 });
      await world.detect('census', { runId, census: null, certificate: { ...draft, fromAt } });
      expect(await freshness()).not.toMatchObject({ LastCertificateAt: fromAt });
      const [{ id, completion } = never()] = await world.database.certificates(world.storeId, 1);
      const end = { verdict, remarks: [], withheld: [], completion };
      await world.database.completeCertificate(id, end);
    };
    await census(T, 'matched');
    expect(await freshness()).toMatchObject({ LastCertificateAt: T, CoverageFrom: T - 1 });
    await census(T + 1_000, 'matched but');
    await census(T + 2_000, 'count differs');
    expect(await freshness()).toMatchObject({ LastCertificateAt: T + 1_000 });
  });

  /** As a refresh that is satisfied with what it found. */
  const read = async (id: string) => {
    const mark = (await world.take()).find((taken) => taken.id === id)!;
    await world.commit('customers', { verdicts: [verdictOf(id, mark.sequence)] });
  };
}

const never = (): never => {
  throw new Error('no certificate');
};
