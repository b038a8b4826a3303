import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../db/sqlite/open.ts';
import { certifiedRange } from '../src/range-digest.ts';
import { DRAFT, inStore, positionOf, recordOf, T } from './database-fixture.ts';

/** `npm run verify` as an operator runs it: a process on a database file. */
let directory: string;
let file: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'driftless-verify-'));
  file = join(directory, 'mirror.db');
  let nonces = 0;
  const database = await openSqlite(file, { clock: () => T, nonce: () => `n${++nonces}` });
  const { id } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
  const store = inStore(database, id);
  await store.write('customers', recordOf('customers', '7'), recordOf('customers', '8'));
  const keys = ['7', '8'].map((key) => ({ id: key, updatedAt: T }));
  const census = positionOf();
  const runId = await store.detect('census', {
    census,
    range: certifiedRange({ after: null, through: '8', comparedAt: T }, keys, []),
  });
  await store.detect('census', { runId, census: null, certificate: DRAFT });
  const [issued] = await database.ripeCertificates(id);
  const end = { verdict: 'matched', remarks: [], withheld: [] } as const;
  await database.completeCertificate(issued!.id, { ...end, completion: issued!.completion });
  await database.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const verified = (...args: readonly string[]) =>
  new Promise<{ readonly code: number; readonly text: string }>((resolve) => {
    const env = { ...process.env, DATABASE_URL: `sqlite:${file}` };
    execFile(process.execPath, ['local/verify.ts', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr }),
    );
  });

test('says that a certificate is what the tables tell, and which one', async () => {
  const { code, text } = await verified();
  expect(text).toMatch(/^certificate 1: customers of store 1, matched, begun 2026-10-01T00:00Z$/m);
  expect(text).toMatch(/2 keys were equal; 1 of 1 ranges are as they were/);
  expect(code).toBe(0);
  expect(await verified('--certificate', '9')).toMatchObject({
    code: 1,
    text: expect.stringMatching(/Nothing was verified: there is no such completed certificate/),
  });
});

test('fails where somebody else has changed a table, and names the range', async () => {
  const db = new DatabaseSync(file);
  db.exec("update Customers set UpdatedAt = UpdatedAt + 1000, SyncedAt = 0 where ShopifyCustomerId = '8'");
  db.exec('update Customers set SyncedAt = 0');
  db.close();
  const { code, text } = await verified();
  expect(text).toMatch(/\(the beginning\.\.8\] had 2 equal keys and has 2 live ones, .*somebody else/);
  expect(code).toBe(1);
});
