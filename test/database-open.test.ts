import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from '../db/sqlite/open.ts';
import { Reject, Transient } from '../src/failures.ts';
import { raiseOf } from './database-fixture.ts';

/** Opening the embedded database: alone, beside others, and where it cannot be opened. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftless-open-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

let nonces = 0;
const options = { clock: () => 1_000_000, nonce: () => `nonce-${nonces++}`, busyTimeoutMs: 10 };
const open = (file: string) => openSqlite(file, options);

/** Another Node that opens the file, activates a store, and says which stores there are. */
function otherProcess(file: string, domain: string): Promise<string> {
  const module = JSON.stringify(new URL('../db/sqlite/open.ts', import.meta.url).href);
  const script = `
    import { openSqlite } from ${module};
    const database = await openSqlite(${JSON.stringify(file)}, { clock: Date.now, nonce: () => crypto.randomUUID() });
    const store = await database.activateStore({ domain: '${domain}', secretName: 's' });
    const id = String(store.id);
    const raise = { entity: 'customers', id, lane: 'webhook', reason: 't', announces: 'presence' };
    await database.mark(1, [{ ...raise, expectedUpdatedAt: null, dueInMs: 0 }]);
    await database.close();
    console.log('done');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  return new Promise((resolve) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('close', () => resolve(said.trim()));
  });
}

describe('an embedded database', () => {
  it('is created by three processes that start at once, and shared by them', async () => {
    const file = join(folder, 'mirror.db');
    const said = await Promise.all(
      ['a', 'b', 'c'].map((name) => otherProcess(file, `${name}.myshopify.com`)),
    );
    expect(said).toEqual(['done', 'done', 'done']);
    const database = await open(file);
    expect(await database.stores()).toHaveLength(3);
    expect(await database.status(1)).toMatchObject({ marksWaiting: 3 });
    await database.close();
  });

  it('keeps what two connections write side by side', async () => {
    const file = join(folder, 'mirror.db');
    const [one, two] = [await open(file), await open(file)];
    const { id } = await one.activateStore({ domain: 'one.myshopify.com', secretName: 's' });
    await Promise.all([
      one.mark(id, [raiseOf('1')]),
      two.mark(id, [raiseOf('2')]),
      one.mark(id, [raiseOf('3')]),
    ]);
    const lease = (await two.acquireLease(id, 'customers', 'refresh', 1000))!;
    expect(await one.acquireLease(id, 'customers', 'refresh', 1000)).toBeNull();
    expect(await two.takeMarks(lease, 10)).toHaveLength(3);
    await one.close();
    await two.close();
  });

  it('keeps its content when it is closed and opened again', async () => {
    const file = join(folder, 'mirror.db');
    const before = await open(file);
    const store = await before.activateStore({ domain: 'one.myshopify.com', secretName: 's' });
    await before.close();
    const after = await open(file);
    expect(await after.stores()).toEqual([store]);
    await after.close();
  });

  it('may live in memory only', async () => {
    const database = await open(':memory:');
    expect(await database.stores()).toEqual([]);
    await database.close();
  });

  it('gives stores that are older than an entity a place for it', async () => {
    const file = join(folder, 'mirror.db');
    const before = await open(file);
    const { id } = await before.activateStore({ domain: 'one.myshopify.com', secretName: 's' });
    await before.close();
    change(file, "delete from SyncStates where Entity = 'orders'");
    const after = await open(file);
    expect(await after.acquireLease(id, 'orders', 'refresh', 1000)).not.toBeNull();
    await after.close();
  });
});

describe('opening says what to do when', () => {
  const refusal = async (file: string): Promise<unknown> => {
    try {
      await (await open(file)).close();
    } catch (error) {
      return error;
    }
    return null;
  };

  it('the directory does not exist', async () => {
    const error = await refusal(join(folder, 'nowhere', 'mirror.db'));
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({ message: expect.stringMatching(/nowhere.*Create its directory/) });
  });

  it('the path is a directory', async () => {
    mkdirSync(join(folder, 'mirror.db'));
    expect(await refusal(join(folder, 'mirror.db'))).toBeInstanceOf(Reject);
  });

  it('the file is something else', async () => {
    const file = join(folder, 'mirror.db');
    writeFileSync(file, 'Dear diary, this is no database. '.repeat(500));
    const error = await refusal(file);
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({ message: expect.stringMatching(/is no SQLite database.*backup/) });
  });

  it('the file is damaged', async () => {
    const file = join(folder, 'mirror.db');
    await (await open(file)).close();
    const bytes = readFileSync(file);
    bytes.fill(0xab, 100, 8000);
    writeFileSync(file, bytes);
    const error = await refusal(file);
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({ message: expect.stringContaining('is damaged') });
  });

  it('the file may only be read', async () => {
    const file = join(folder, 'mirror.db');
    new DatabaseSync(file).close();
    const error = await refusal(`file:${file}?mode=ro`);
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({ message: expect.stringContaining('cannot be written') });
  });

  it('another process has it for itself', async () => {
    const file = join(folder, 'mirror.db');
    const greedy = new DatabaseSync(file);
    greedy.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (a)');
    const error = await refusal(file);
    greedy.close();
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ message: expect.stringMatching(/Another process/) });
  });

  it('its schema is missing and was not to be made', async () => {
    const file = join(folder, 'mirror.db');
    const error = await openSqlite(file, { ...options, migrate: false }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Reject);
    expect(error).toMatchObject({ message: expect.stringContaining('migrate') });
  });
});

describe('an operation that meets a lock', () => {
  it('is transient, and succeeds once the lock is gone', async () => {
    const file = join(folder, 'mirror.db');
    const database = await open(file);
    const { id } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 's' });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(database.mark(id, [raiseOf('1')])).rejects.toBeInstanceOf(Transient);
    expect(await database.stores()).toHaveLength(1);
    other.exec('ROLLBACK');
    await database.mark(id, [raiseOf('1')]);
    expect(await database.status(id)).toMatchObject({ marksWaiting: 1 });
    other.close();
    await database.close();
  });
});

function change(file: string, statement: string): void {
  const client = new DatabaseSync(file);
  client.exec(statement);
  client.close();
}
