import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../db/sqlite/open.ts';
import { databaseBattery } from './database-battery.ts';
import type { TestDatabase } from './database-fixture.ts';

/** SQLite in a file of its own, whose clock stands still unless the battery moves it. */
async function sqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'driftless-battery-'));
  const file = join(folder, 'mirror.db');
  let now = Date.parse('2026-11-01T12:00:00Z');
  let nonces = 0;
  return {
    connect: () => openSqlite(file, { clock: () => now, nonce: () => `nonce-${nonces++}` }),
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    async select(query) {
      const reader = new DatabaseSync(file, { readOnly: true });
      try {
        return reader.prepare(query).all();
      } finally {
        reader.close();
      }
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

databaseBattery('SQLite', sqlite);
