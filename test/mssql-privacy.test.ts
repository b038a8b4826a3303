import { describe, expect, it } from 'vitest';
import { eraseRows } from '../db/mssql/erasure.ts';
import {
  duePrivacyRequests,
  endPrivacyRequest,
  privacyCounts,
  putOffPrivacyRequest,
  recordPrivacyRequest,
  takePrivacyRequest,
} from '../db/mssql/privacy-requests.ts';
import { forgetExport, heldExports, privacyRequests } from '../db/mssql/privacy-standing.ts';
import { eraseStore } from '../db/mssql/store-erasure.ts';
import { inheritSuppressions, suppress, suppressed } from '../db/mssql/suppressions.ts';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Database } from '../src/database.ts';
import type { PrivacyAsked } from '../src/privacy-request.ts';
import { T } from './database-fixture.ts';
import { expectSideBySide, listening, statementsOf } from './sql-recorder.ts';

/** Privacy as SQL, both dialects side by side in test/__snapshots__/sql. */

/** The operations of these files, as the port has them, over a connection that finds nothing. */
function portOf({ connection }: ReturnType<typeof listening>) {
  const bound =
    <A extends readonly unknown[], R>(work: (of: typeof connection, ...args: A) => Promise<R>) =>
    (...args: A) =>
      work(connection, ...args);
  return {
    suppressed: bound(suppressed),
    inheritSuppressions: bound(inheritSuppressions),
    recordPrivacyRequest: bound(recordPrivacyRequest),
    duePrivacyRequests: bound(duePrivacyRequests),
    takePrivacyRequest: bound(takePrivacyRequest),
    putOffPrivacyRequest: bound(putOffPrivacyRequest),
    suppress: bound(suppress),
    eraseRows: bound(eraseRows),
    eraseStore: bound(eraseStore),
    privacyCounts: bound(privacyCounts),
    endPrivacyRequest: bound(endPrivacyRequest),
    heldExports: bound(heldExports),
    forgetExport: bound(forgetExport),
    privacyRequests: bound(privacyRequests),
  } satisfies Partial<Database>;
}
type Port = ReturnType<typeof portOf>;

const asked = (storeId: number): PrivacyAsked => ({
  ...{ storeId, topic: 'CUSTOMERS_REDACT', digest: 'signature', shopId: '60000000001', receivedAt: T },
  ...{ customers: ['7'], orders: ['5'], vouched: false },
});
const ERASING = {
  ...{ keyName: 'key', subject: 'hash', hashes: ['hash'] },
  erase: [{ entity: 'customers', ids: ['7'] }],
} as const;
const END = { state: 'done', message: null, exportName: null, subject: 'hash', certificate: null } as const;

const OPERATIONS: Readonly<
  Record<string, (port: Port, storeId: number, request: number) => Promise<unknown>>
> = {
  suppressed: (port, storeId) => port.suppressed(storeId, 'key', ['hash']),
  inheritSuppressions: (port, storeId) =>
    port.inheritSuppressions(storeId, [{ hash: 'its own', from: 'hash' }]),
  recordPrivacyRequest: (port, storeId) =>
    port.recordPrivacyRequest({ ...asked(storeId), digest: 'another' }),
  duePrivacyRequests: (port) => port.duePrivacyRequests(),
  takePrivacyRequest: (port, _, request) => port.takePrivacyRequest(request, 60_000),
  putOffPrivacyRequest: (port, _, request) => port.putOffPrivacyRequest(request, 60_000, 'what it lacks'),
  suppress: (port, _, request) => port.suppress(request, ERASING),
  'eraseRows-customers': (port, _, request) => port.eraseRows(request, 'customers', ['7'], true),
  'eraseRows-orders': (port, _, request) => port.eraseRows(request, 'orders', ['5'], false),
  eraseStore: (port, _, request) => port.eraseStore(request, 1_000),
  privacyCounts: (port, _, request) => port.privacyCounts(request),
  endPrivacyRequest: (port, _, request) => port.endPrivacyRequest(request, END),
  heldExports: (port) => port.heldExports(),
  forgetExport: (port, _, request) => port.forgetExport(request),
  privacyRequests: (port, storeId) => port.privacyRequests(storeId, 10),
};

describe('each operation is one batch of T-SQL, beside what SQLite runs for it:', () => {
  it.each(Object.keys(OPERATIONS))('%s', async (name) => {
    const operation = OPERATIONS[name]!;
    const server = listening();
    // Whoever needs an answer fails without one, after he has asked.
    await operation(portOf(server), 1, 1).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    expect(server.asked).toHaveLength(1);
    await expectSideBySide(name, await inSqlite(operation), server.asked);
  });
});

/** A store at rest with a request of everything that the operations deal with. */
async function inSqlite(operation: (port: Port, storeId: number, request: number) => Promise<unknown>) {
  const database = await openSqlite(':memory:', { clock: () => T, nonce: () => 'nonce' });
  try {
    const { id } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
    await database.deactivateStore(id);
    const request = await database.recordPrivacyRequest(asked(id));
    return await statementsOf(() => operation(database, id, request));
  } finally {
    await database.close();
  }
}
