/**
 * What is remembered of each timer, so that a restarted host knows what was missed and two hosts on one file run
 * an occurrence once. An occurrence is claimed with a lease before it runs and `NextAt` moves on only when
 * it has ended: a process that dies in between leaves it due. At least once, as in Azure.
 */

import { randomUUID } from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import type { SqliteQueues } from './queues.ts';

export interface TimerRecord {
  readonly schedule: string;
  /** When the last run began; undefined before the first. */
  readonly lastAt: number | undefined;
  readonly nextAt: number;
  readonly updatedAt: number;
  readonly leaseUntil: number;
}

export class TimerRecords {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: SqliteQueues['database']) {
    this.#statements = prepare(database);
  }

  read(name: string): TimerRecord | undefined {
    const row = this.#statements.read.get(name);
    return row && timerRecord(row);
  }

  /** A new timer, or one whose schedule changed: whatever the old schedule missed is forgotten. */
  reset(name: string, schedule: string, nextAt: number, now: number): void {
    this.#statements.reset.run(name, schedule, nextAt, now);
  }

  /** The right to run the due occurrence, as a token; undefined when it is not due or somebody else runs it. */
  claim(name: string, now: number, leaseMs: number): string | undefined {
    const token = randomUUID();
    return this.#statements.claim.run(now + leaseMs, token, name, now, now).changes === 1 ? token : undefined;
  }

  renew(name: string, token: string, until: number): void {
    this.#statements.renew.run(until, name, token);
  }

  /** The occurrence stays due, for anybody. */
  release(name: string, token: string): void {
    this.renew(name, token, 0);
  }

  finish(name: string, token: string, times: { startedAt: number; nextAt: number; now: number }): void {
    this.#statements.finish.run(times.startedAt, times.nextAt, times.now, name, token);
  }
}

function prepare(database: SqliteQueues['database']) {
  return {
    read: database.prepare(
      'SELECT Schedule, LastAt, NextAt, UpdatedAt, LeaseUntil FROM Timers WHERE Name = ?',
    ),
    reset: database.prepare(`
      INSERT INTO Timers (Name, Schedule, NextAt, UpdatedAt) VALUES (?, ?, ?, ?)
      ON CONFLICT (Name) DO UPDATE SET
        Schedule = excluded.Schedule, LastAt = NULL, NextAt = excluded.NextAt, UpdatedAt = excluded.UpdatedAt`),
    claim: database.prepare(`
      UPDATE Timers SET LeaseUntil = ?, LeaseToken = ? WHERE Name = ? AND NextAt <= ? AND LeaseUntil <= ?`),
    renew: database.prepare('UPDATE Timers SET LeaseUntil = ? WHERE Name = ? AND LeaseToken = ?'),
    finish: database.prepare(`
      UPDATE Timers SET LastAt = ?, NextAt = ?, UpdatedAt = ?, LeaseUntil = 0, LeaseToken = NULL
      WHERE Name = ? AND LeaseToken = ?`),
  };
}

function timerRecord(row: Record<string, SQLOutputValue>): TimerRecord {
  return {
    schedule: String(row['Schedule']),
    lastAt: row['LastAt'] === null ? undefined : Number(row['LastAt']),
    nextAt: Number(row['NextAt']),
    updatedAt: Number(row['UpdatedAt']),
    leaseUntil: Number(row['LeaseUntil']),
  };
}
