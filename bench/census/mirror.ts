import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { alarm } from '../../app/alarm.ts';
import { assemble } from '../../app/assemble.ts';
import { openQueues } from '../../local/host/queues.ts';
import type { SimulatedShop } from '../../local/simulated.ts';
import { readConfig } from '../../src/config.ts';
import { connectStore } from '../../src/connect.ts';
import type { Database } from '../../src/database.ts';
import { customers } from '../../src/entities/customers.ts';
import { decode } from '../../src/entities/decode.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { silent } from '../../src/log.ts';
import type { MirrorRecord } from '../../src/record.ts';
import type { Store } from '../../src/store.ts';
import { NOTHING } from '../../src/tally.ts';
import { untold } from '../../src/telemetry.ts';
import { customersOf } from './shop.ts';

/**
 * A mirror as a first mirror leaves it, without its thousands of requests: the simulator's own objects are given to the
 * decoder and committed as a refresh commits what it has read, through the port, with change events and links. Only
 * the way over GraphQL is left out; what a refresh reads over it is the same (that is what the tests are for).
 */
const ROWS_PER_COMMIT = 1_000;
const LEASE_MS = 3_600_000;
/** The customers were left alone two minutes before the shop opened: read a second ago or now is the same. */
const READ_AGO_MS = 1_000;

const known = z.looseObject({ createdAt: z.number(), updatedAt: z.number(), lastOrderGid: z.null() });

/** Connects the store and fills the mirror; `visit` is told every id, and says whether its row is to be left out. */
export async function mirror(
  database: Database,
  shop: SimulatedShop,
  visit: (index: number, id: string) => 'mirrored' | 'left out',
): Promise<Store> {
  const store = await connect(database, shop);
  const readAt = Date.now() - READ_AGO_MS;
  const scopes = new Set(store.settings.scopes);
  let records: MirrorRecord[] = [];
  let index = 0;
  for await (const object of customersOf(shop)) {
    const record = recordOf(object, scopes);
    if (visit(index++, record.id) === 'mirrored') records.push(record);
    if (records.length < ROWS_PER_COMMIT) continue;
    await commit(database, store, records, readAt);
    records = [];
  }
  await commit(database, store, records, readAt);
  for (const entity of ENTITY_NAMES) await compared(database, store, entity, readAt);
  return store;
}

async function connect(database: Database, shop: SimulatedShop): Promise<Store> {
  const config = readConfig(shop.env);
  const queues = openQueues(':memory:');
  const service = assemble(config, {
    database,
    queues,
    log: silent,
    telemetry: untold,
    clock: Date.now,
    monotonic: () => performance.now(),
    sleep: async () => {},
    alarm,
    random: Math.random,
    nonce: randomUUID,
    fetch,
  });
  try {
    return await connectStore(service, config.stores[0]!);
  } finally {
    queues.close();
  }
}

/** The simulator's object as GraphQL would have answered it. */
function recordOf(object: unknown, scopes: ReadonlySet<string>): MirrorRecord {
  const { createdAt, updatedAt, ...fields } = known.parse(object);
  const iso = (at: number) => `${new Date(Math.floor(at / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
  const node = { ...fields, createdAt: iso(createdAt), updatedAt: iso(updatedAt), lastOrder: null };
  const decoded = decode(customers, node, { scopes, errors: [] });
  if (decoded.state !== 'decoded')
    throw new Error(`A customer of the simulator cannot be decoded: ${decoded.reason}`);
  return decoded.record;
}

async function commit(
  database: Database,
  store: Store,
  records: readonly MirrorRecord[],
  readAt: number,
): Promise<void> {
  const lease = await database.acquireLease(store.id, 'customers', 'refresh', LEASE_MS);
  if (lease === null) throw new Error('Somebody else is at this mirror.');
  await database.commitRefresh(lease, {
    verdicts: records.map((record) => ({
      id: record.id,
      sequence: 'never marked',
      row: { do: 'write', record, readAt },
      mark: { do: 'clear' },
      proven: false,
    })),
    rejects: [],
    raises: [],
    changed: new Map(),
    announce: true,
    gaps: [],
    tally: { ...NOTHING, seen: records.length, written: records.length },
    points: 0,
  });
  await database.link(
    store.id,
    'customers',
    records.map(({ id }) => id),
  );
  await database.releaseLease(lease);
}

/** The entity's first census is over: from now on it is a mirror, and no share of it is due to be read again. */
async function compared(
  database: Database,
  store: Store,
  entity: (typeof ENTITY_NAMES)[number],
  at: number,
): Promise<void> {
  const lease = await database.acquireLease(store.id, entity, 'census', LEASE_MS);
  if (lease === null) throw new Error('Somebody else is at this mirror.');
  const runId = await database.startRun(store.id, entity, 'backfill');
  const nothing = { raises: [], gaps: [], hold: [], tally: NOTHING, points: 0 };
  const progress = { watermark: at, contentAt: at, censusFinishedAt: at };
  await database.commitDetection(lease, { runId, ...nothing, ...progress });
  await database.finishRun(runId, { state: 'succeeded', message: 'made for a measurement' });
  await database.releaseLease(lease);
}
