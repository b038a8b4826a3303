import { drizzle } from 'drizzle-orm/node-mssql';
import { describe, expect, it } from 'vitest';
import { activateStore, registerStore } from '../db/mssql/activation.ts';
import { certificates, completeCertificate, ripeCertificates } from '../db/mssql/certificates.ts';
import { deliveryQuality } from '../db/mssql/delivery-quality.ts';
import {
  countUnheard,
  deactivateStore,
  endPause,
  lookSoon,
  noteAccess,
  noteRefusal,
  pauseStore,
  takeLook,
} from '../db/mssql/rests.ts';
import { purge } from '../db/mssql/retention.ts';
import { status } from '../db/mssql/status.ts';
import { allStores, recordShop, updateSettings } from '../db/mssql/stores.ts';
import { keyStory } from '../db/mssql/story.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Database } from '../src/database.ts';
import { T } from './database-fixture.ts';
import { expectSideBySide, listening, statementsOf } from './sql-recorder.ts';

/** Stores, certificates and upkeep as SQL, both dialects side by side in test/__snapshots__/sql. */

/** The operations of these files, as the port has them, over a connection that finds nothing. */
function portOf({ connection: { pool, ...others } }: ReturnType<typeof listening>) {
  const connection = { ...others, pool, db: drizzle({ client: { request: () => pool.request() } }) };
  const bound =
    <A extends readonly unknown[], R>(work: (of: typeof connection, ...args: A) => Promise<R>) =>
    (...args: A) =>
      work(connection, ...args);
  return {
    stores: bound(allStores),
    activateStore: bound(activateStore),
    deactivateStore: bound(deactivateStore),
    registerStore: bound(registerStore),
    pauseStore: bound(pauseStore),
    endPause: bound(endPause),
    noteRefusal: bound(noteRefusal),
    noteAccess: bound(noteAccess),
    takeLook: bound(takeLook),
    lookSoon: bound(lookSoon),
    countUnheard: bound(countUnheard),
    recordShop: bound(recordShop),
    updateSettings: bound(updateSettings),
    certificates: bound(certificates),
    ripeCertificates: bound(ripeCertificates),
    completeCertificate: bound(completeCertificate),
    deliveryQuality: bound(deliveryQuality),
    keyStory: bound(keyStory),
    purge: bound(purge),
    status: bound(status),
  } satisfies Partial<Database>;
}
type Port = ReturnType<typeof portOf>;

const STORE = { domain: 'one.myshopify.com', secretName: 'one' };
const FACTS = {
  shopId: '4711',
  name: 'One',
  domain: 'one.example',
  currency: 'EUR',
  ianaTimezone: 'Europe/Berlin',
  plan: 'plus',
  scopes: ['read_orders'],
  sentAt: T,
};
const COMPLETION = {
  mirrorAfter: 1,
  repaired: 0,
  unversioned: 0,
  rejected: 0,
  unproven: 0,
  buried: 0,
  readSince: T,
};
const END = { verdict: 'matched', remarks: [], withheld: [], completion: COMPLETION } as const;

const OPERATIONS: Readonly<Record<string, (port: Port, storeId: number) => Promise<unknown>>> = {
  stores: (port) => port.stores(),
  registerStore: (port) => port.registerStore({ ...STORE, domain: 'two.myshopify.com' }),
  activateStore: (port) => port.activateStore({ ...STORE, shopId: '4711', rivals: ['three.myshopify.com'] }),
  deactivateStore: (port, storeId) => port.deactivateStore(storeId),
  pauseStore: (port, storeId) => port.pauseStore(storeId),
  endPause: (port, storeId) => port.endPause(storeId),
  noteRefusal: (port, storeId) => port.noteRefusal(storeId),
  noteAccess: (port, storeId) => port.noteAccess(storeId),
  takeLook: (port, storeId) => port.takeLook(storeId, 300_000),
  lookSoon: (port, storeId) => port.lookSoon(storeId),
  countUnheard: (port, storeId) => port.countUnheard(storeId),
  recordShop: (port, storeId) => port.recordShop(storeId, FACTS),
  updateSettings: (port, storeId) => port.updateSettings(storeId, { attention: 'token refused' }),
  certificates: (port, storeId) => port.certificates(storeId, 10),
  ripeCertificates: (port, storeId) => port.ripeCertificates(storeId),
  completeCertificate: (port) => port.completeCertificate(1, END),
  deliveryQuality: (port, storeId) => port.deliveryQuality(storeId, 86_400_000),
  keyStory: (port, storeId) => port.keyStory(storeId, 'orders', '7'),
  purge: (port) => port.purge(86_400_000),
  status: (port, storeId) => port.status(storeId),
};

describe('each operation is one batch of T-SQL, beside what SQLite runs for it:', () => {
  it.each(Object.keys(OPERATIONS))('%s', async (name) => {
    const operation = OPERATIONS[name]!;
    const server = listening();
    // Whoever needs an answer fails without one, after he has asked.
    await operation(portOf(server), 1).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    expect(server.asked).toHaveLength(1);
    // drizzle names no types: those of its parameters come from the values, when the request is made.
    const asked = server.asked.map(({ text, parameters }) => ({
      text,
      parameters: parameters.map((parameter) => parameter.replace(/^(@par\d+) .*/, '$1')),
    }));
    await expectSideBySide(name, await inSqlite(operation), asked);
  });
});

/** A store that was inactive, so that it is activated anew. */
async function inSqlite(operation: (port: Port, storeId: number) => Promise<unknown>) {
  const database = await openSqlite(':memory:', { clock: () => T, nonce: () => 'nonce' });
  try {
    const { id } = await database.activateStore(STORE);
    await database.deactivateStore(id);
    return await statementsOf(() => operation(database, id));
  } finally {
    await database.close();
  }
}
