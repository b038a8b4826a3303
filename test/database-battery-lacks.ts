import { afterEach, beforeEach, expect, it } from 'vitest';
import { LACKS_MAX, type Lacks, lacksOf } from '../src/lack.ts';
import type { MirrorRecord } from '../src/record.ts';
import { type Factory, raiseOf, recordOf, T, worldOf } from './database-fixture.ts';

/** What rows lack stands with them (R9), and is told with their state, counted, and forgotten when it is told. */
export function lacksBattery(factory: Factory): void {
  let world: Awaited<ReturnType<typeof worldOf>>;
  beforeEach(async () => {
    world = await worldOf(factory);
  });
  afterEach(() => world.close());

  const customer = (id: string, lacks: Lacks | null): MirrorRecord => ({
    ...recordOf('customers', id, { City: 'Rome' }),
    lacks,
  });
  const lacksNow = async (id: string) => {
    const view = await world.database.mirrorOf(world.storeId, 'customers', [id]);
    return view.get(id)?.row?.lacks;
  };
  const lacking = () => world.database.lacking(world.storeId, 'customers');

  it('is nothing in a row that was read whole', async () => {
    await world.write('customers', customer('7', null));
    expect(await lacksNow('7')).toBeNull();
    expect(await lacking()).toEqual([]);
  });

  it('is told wherever the state of the row is', async () => {
    const lacks = { 'Customers.Email': 'denied', 'Customers.LastOrderDate': 'scope' } as const;
    await world.write('customers', customer('7', lacks));
    await world.mark(raiseOf('7'));
    expect((await world.take())[0]!.row!.lacks).toEqual(lacks);
    expect(await lacksNow('7')).toEqual(lacks);
    const { rows } = await world.database.keysInRange(world.storeId, 'customers', null, null, 9);
    expect(rows[0]!.lacks).toEqual(lacks);
    const story = await world.database.keyStory(world.storeId, 'customers', '7');
    expect(story.row!.lacks).toEqual(lacks);
  });

  it('ends with the read that tells it', async () => {
    await world.write('customers', customer('7', { 'Customers.Email': 'error' }));
    await world.write('customers', { ...customer('7', null), updatedAt: T + 1_000 });
    expect(await lacksNow('7')).toBeNull();
    expect(await lacking()).toEqual([]);
  });

  it('is counted by column and reason, of live rows of this store alone', async () => {
    await world.write(
      'customers',
      customer('7', { 'Customers.Email': 'denied', 'Customers.Note': 'error' }),
      customer('8', { 'Customers.Email': 'denied' }),
      customer('9', { 'Customers.Email': 'scope' }),
      customer('10', { 'Customers.Email': 'denied' }),
    );
    await world.bury('customers', T + 1_000, true, '10');
    await world.write('products', { ...recordOf('products', '1'), lacks: { 'ProductVariants.*': 'error' } });
    const other = await world.otherStore();
    await other.write('customers', customer('7', { 'Customers.Email': 'denied' }));
    const customers = [
      { column: 'Customers.Email', reason: 'denied', rows: 2 },
      { column: 'Customers.Email', reason: 'scope', rows: 1 },
      { column: 'Customers.Note', reason: 'error', rows: 1 },
    ];
    expect(await lacking()).toEqual(customers);
    expect((await world.database.status(world.storeId)).lacking).toEqual([
      ...customers,
      { column: 'ProductVariants.*', reason: 'error', rows: 1 },
    ]);
  });

  it('fits its column however much it is', async () => {
    const long = lacksOf(
      Array.from({ length: 60 }, (_, i) => [`Customers.${'C'.repeat(60)}${i}`, 'error'] as const),
    );
    const full = `Customers.${'C'.repeat(LACKS_MAX - '{"Customers.":"unfit"}'.length)}`;
    await world.write('customers', customer('7', long), customer('8', { [full]: 'unfit' }));
    expect(await lacksNow('7')).toEqual({ 'Customers.*': 'error' });
    expect(await lacksNow('8')).toEqual({ [full]: 'unfit' });
  });
}
