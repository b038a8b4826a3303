/** The simulated shop outlives its process: whatever it showed to anybody is there at the next start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { change } from '../simulator/changes.ts';
import { Journal, type Making } from '../simulator/journal.ts';
import { JournalRefused } from '../simulator/journal-file.ts';
import { kinds } from '../simulator/model.ts';
import { populate } from '../simulator/population.ts';
import { Random } from '../simulator/random.ts';
import type { Shop } from '../simulator/shop.ts';
import { createSimulator } from '../simulator/simulator.ts';

const NOW = Date.parse('2026-11-23T09:00:00Z');
const MAKING: Making = {
  domain: 'kawa.myshopify.com',
  seed: 1,
  customers: 40,
  products: 12,
  orders: 40,
  mixedIds: true,
};

function journalFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'shop.db');
}

interface Opened {
  readonly shop: Shop;
  readonly clock: { now: number };
  readonly starts: number;
  readonly failures: JournalRefused[];
  readonly close: () => void;
}

/** One start of a simulator with this journal, as the program does it. */
function open(file: string, at = NOW, making: Making = MAKING): Opened {
  const clock = { now: at };
  const failures: JournalRefused[] = [];
  const journal = new Journal(file, (failure) => failures.push(failure), 0);
  onTestFinished(() => journal.close());
  const { domain, mixedIds, ...population } = making;
  const starts = journal.enter(making, at);
  const simulator = createSimulator({ clock: () => clock.now });
  const shop = simulator.addShop({
    domain,
    mixedIdLengths: mixedIds,
    filledAt: journal.filledAt(domain),
  });
  populate(shop, population);
  journal.resume(shop);
  return { shop, clock, starts, failures, close: () => journal.close() };
}

/** The journal keeps what happened in a turn at the end of it. */
const turn = () => Promise.resolve();

async function live({ shop, clock }: Opened, changes: number, seed = 'life'): Promise<void> {
  const random = new Random(seed);
  for (let n = 0; n < changes; n++) {
    clock.now += 500;
    change(shop, random);
    await turn();
  }
}

const everything = (shop: Shop) => kinds.map((kind) => [...shop.collection(kind).values()]);

describe('a shop with a journal', () => {
  test('stands at the next start where it stood, days later and start after start', async () => {
    const file = journalFile();
    let past: unknown = null;
    for (let start = 1; start <= 3; start++) {
      const opened = open(file, NOW + start * 86_400_000);
      expect(opened.starts).toBe(start);
      if (past !== null) expect(everything(opened.shop)).toEqual(past);
      await live(opened, 150, `life ${start}`);
      past = everything(opened.shop);
      opened.close();
    }
  });

  test('gives no id twice', async () => {
    const file = journalFile();
    const first = open(file);
    await live(first, 60);
    const drawn = first.shop.idsDrawn;
    const last = first.shop.nextId();
    first.close();
    const second = open(file);
    expect(second.shop.idsDrawn).toBe(drawn);
    // Nothing was made with the last one, so it may be given again; none before it is.
    expect(second.shop.nextId()).toBe(last);
  });

  test('grows with the shop and not with time', async () => {
    const file = journalFile();
    const opened = open(file);
    const [customer] = opened.shop.customers.values();
    const random = new Random(1);
    for (let n = 0; n < 100; n++) {
      opened.clock.now += 1_000;
      change(opened.shop, random, { what: 'customer-edit', gid: customer!.id });
      await turn();
    }
    opened.close();
    const database = new DatabaseSync(file);
    onTestFinished(() => database.close());
    expect(database.prepare('SELECT Gid FROM Steps').all()).toEqual([{ Gid: customer!.id }]);
  });

  test('is told when a step cannot be kept', async () => {
    const opened = open(journalFile());
    opened.close();
    await live(opened, 1);
    expect(opened.failures).toHaveLength(1);
  });
});

describe('a journal is refused', () => {
  const refusalOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof JournalRefused) return error.message;
      throw error;
    }
    throw new Error('It was not refused.');
  };

  test('when it is of a shop that was made otherwise', () => {
    const file = journalFile();
    open(file).close();
    const other = { ...MAKING, customers: 41 };
    expect(refusalOf(() => open(file, NOW, other))).toMatch(/customers 40 and not 41\. Start with the same/);
  });

  test('while another simulator has it', () => {
    const file = journalFile();
    open(file);
    expect(refusalOf(() => open(file))).toMatch(/in use by another simulator: stop that one first/);
  });

  test('when it is no journal', () => {
    const file = journalFile();
    writeFileSync(file, 'not a database, and longer than the header of one would be'.repeat(20));
    expect(refusalOf(() => open(file))).toMatch(/no journal, or damaged: move it away/);
  });

  test('when its directory is missing', () => {
    expect(refusalOf(() => open(join(journalFile(), 'missing', 'shop.db')))).toMatch(/make its directory/);
  });

  test('when another version of the simulator filled the shop', () => {
    const file = journalFile();
    open(file).close();
    const database = new DatabaseSync(file);
    database.exec(`UPDATE Shops SET Fingerprint = 'another'`);
    database.close();
    expect(refusalOf(() => open(file))).toMatch(/another version of the simulator/);
  });
});

describe('the program', () => {
  const MAIN = new URL('../simulator/main.ts', import.meta.url).pathname;
  const SIZE = ['--customers=40', '--products=12', '--orders=40'];

  async function start(file: string, ...more: string[]): Promise<{ child: ChildProcess; sim: string }> {
    const child = spawn(process.execPath, [MAIN, '--journal', file, ...SIZE, ...more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: child.stdout! }), 'line');
    const { url, shops } = JSON.parse(line);
    return { child, sim: `${url}/sim/${shops[0].domain}` };
  }

  const rowsOf = async (sim: string, kind: string): Promise<Map<string, string>> => {
    const text = await (await fetch(`${sim}/truth/${kind}`)).text();
    const lines = text.split('\n').filter(Boolean);
    return new Map(lines.map((line) => [JSON.parse(line).key, line]));
  };

  test('killed in the middle of its life, it has everything that it had shown', async () => {
    const file = journalFile();
    const first = await start(file, '--live=400');
    const changes = async () => (await (await fetch(`${first.sim}/changes`)).json()) as { id: string }[];
    for (let seen = 0; seen < 100; seen = (await changes()).length);
    const shown = await rowsOf(first.sim, 'orders');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start(file);
    const now = await rowsOf(second.sim, 'orders');
    const versionOf = (line: string) => JSON.parse(line).row.UpdatedAt as string;
    const older = [...shown].filter(
      ([key, line]) => now.has(key) && versionOf(now.get(key)!) < versionOf(line),
    );
    expect(older).toEqual([]);
    // Orders are deleted once in a hundred changes: what is missing now can only be a few that came after.
    expect([...shown.keys()].filter((key) => !now.has(key)).length).toBeLessThan(3);
    expect(shown.size).toBeGreaterThan(40);
  });

  test('says what to do with other options, and exits with 1', async () => {
    const file = journalFile();
    const first = await start(file);
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');
    const child = spawn(process.execPath, [MAIN, '--journal', file, ...SIZE, '--seed=7'], { stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said).toMatch(/Start with the same options, or keep the new shop in another file/);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
