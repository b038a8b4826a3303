import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openExportDirectory } from '../app/export-directory.ts';
import { registerAll } from '../app/register.ts';
import { living } from '../local/figures.ts';
import { startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import { localPrivacyKey } from '../local/privacyKey.ts';
import { Reject } from '../src/failures.ts';
import { type PrivacyBacklog, privacyAttention } from '../src/privacy-request.ts';
import { Secret } from '../src/secrets.ts';
import { createPrivacyKey } from '../src/suppression.ts';
import { privacyWorld } from './privacy-world.ts';

/** What an operator sees and touches: the door, the deadlines, the key and the directory on this machine. */

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'privacy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

test('the operator door needs a key, erases by its very registrations, and shows the certificate', async () => {
  const { world, customer, wordsFound } = await privacyWorld();
  const queues = openQueues(':memory:');
  const host = await startHost({
    register: () => registerAll(async () => ({ ...world.service, queues }), {}),
    hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
    queues,
    port: 0,
    settings: {},
    timers: false,
    log: () => {},
  });
  onTestFinished(async () => {
    await host.stop();
    queues.close();
  });
  const call = (method: string, body?: unknown, key = host.functionKey) =>
    fetch(`${host.url}/api/privacy${method === 'GET' ? '?store=demo.myshopify.com' : ''}`, {
      method,
      headers: { 'x-functions-key': key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const asked = { store: 'demo.myshopify.com', ask: 'erase customer', customer };
  expect((await call('POST', asked, 'wrong')).status).toBe(401);
  expect((await call('GET', undefined, 'wrong')).status).toBe(401);
  expect((await call('POST', 'no JSON of ours')).status).toBe(400);
  expect((await call('POST', asked)).status).toBe(202);
  await expect.poll(() => wordsFound(), { timeout: 20_000 }).toEqual([]);
  const shown = async () => ((await (await call('GET')).json()) as { requests: unknown[] }).requests;
  await expect
    .poll(shown, { timeout: 20_000 })
    .toMatchObject([{ topic: 'CUSTOMERS_REDACT', state: 'done', certificate: { rows: { Customers: 1 } } }]);
  const isTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(await shown()).toMatchObject([{ receivedAt: isTime, dueAt: isTime, completedAt: isTime }]);
});

describe('deadlines', () => {
  const NOW = Date.parse('2026-12-01T00:00:00Z');
  const DAY_MS = 24 * 3_600_000;
  const backlog = (more: Partial<PrivacyBacklog>): PrivacyBacklog => ({
    ...{ open: 0, nextDueAt: null, refused: 0, message: null },
    ...more,
  });

  test.each([
    ['nothing open', backlog({}), []],
    ['open, and far', backlog({ open: 2, nextDueAt: NOW + 20 * DAY_MS }), []],
    [
      'open, and near',
      backlog({ open: 2, nextDueAt: NOW + 6 * DAY_MS }),
      ['2 privacy request(s) open, due by 2026-12-07'],
    ],
    [
      'lacking something',
      backlog({ open: 1, nextDueAt: NOW + 20 * DAY_MS, message: 'set PRIVACY_KEY' }),
      ['1 privacy request(s) open, due by 2026-12-21: set PRIVACY_KEY'],
    ],
    [
      'refused',
      backlog({ refused: 1, message: 'the app is installed there' }),
      ['1 privacy request(s) refused: the app is installed there'],
    ],
  ])('%s', (_, standing, lines) => {
    expect(privacyAttention(standing, NOW)).toEqual(lines);
  });

  test('stand on the screen while a request is open', async () => {
    const { world, redact } = await privacyWorld({ env: { PRIVACY_KEY: '' } });
    const shown = async () => {
      const status = await world.database.status(await world.storeId());
      const view = { domain: 'demo.myshopify.com', status, sizes: {}, closed: [], attention: [] };
      return living(view, (_, text) => text).join('\n');
    };
    expect(await shown()).not.toContain('privacy');
    redact();
    await world.work();
    expect(await shown()).toMatch(/privacy\s+1 requests open, the next due by 2026-12-23/);
  });
});

describe('the key on this machine', () => {
  test('is made once, for this user alone', () => {
    const folder = folderOf();
    const key = localPrivacyKey(folder);
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(localPrivacyKey(folder)).toBe(key);
    expect(statSync(join(folder, 'privacy.key')).mode & 0o777).toBe(0o600);
    expect(localPrivacyKey(folderOf())).not.toBe(key);
  });

  test('that cannot be made says what to do', () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'file'), '');
    expect(() => localPrivacyKey(join(folder, 'file'))).toThrow(Reject);
    expect(() => localPrivacyKey(join(folder, 'file'))).toThrow(
      /give this user the right to, or set PRIVACY_KEY/,
    );
  });
});

test('a hash tells neither key nor id, and differs by store, kind and key', () => {
  const key = createPrivacyKey(new Secret('one key that is long enough to be one'));
  const other = createPrivacyKey(new Secret('another key that is long enough, too'));
  const hashes = [
    key.hashOf(1, 'customers', '7'),
    key.hashOf(2, 'customers', '7'),
    key.hashOf(1, 'orders', '7'),
    key.hashOf(1, 'customers', '77'),
    other.hashOf(1, 'customers', '7'),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/);
  expect(key.hashOf(1, 'customers', '7')).toBe(hashes[0]);
  expect(key.name).not.toBe(other.name);
});

test.each(['../outside.json', 'a/b.json', 'name', '', '.json'])(
  'no export is ever named "%s"',
  async (name) => {
    const exports = openExportDirectory(folderOf());
    await expect(exports.write(name, new Uint8Array())).rejects.toThrow(/lead elsewhere/);
    await expect(exports.remove(name)).rejects.toThrow(/lead elsewhere/);
  },
);
