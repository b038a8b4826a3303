/**
 * The two files of a data directory, looked at from outside. Every look opens them for reading only and closes
 * them again: a look must not do for a host what that has to do by itself, such as recovering the log of a dead one.
 */
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { LeaseKind } from '../../src/lease.ts';
import { LANES } from '../../src/mark.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;

/** A row of the mirror as rule R2 sees it. */
export interface Version {
  readonly updatedAt: number;
  readonly readAt: number;
  readonly deletedAt: number | null;
}

/** What was logged of a delivery for one of its keys. */
export interface Logged {
  readonly entity: EntityName;
  readonly id: string;
  readonly refreshed: boolean;
  readonly marked: boolean;
}

/** The columns of each lease begin with its name. */
const LEASES = [
  ['refresh', 'RefreshLease'],
  ['sweep', 'SweepLease'],
  ['census', 'CensusLease'],
] as const satisfies readonly (readonly [LeaseKind, string])[];

const BUSY_TIMEOUT_MS = 5_000;
/** Longer than any lease that a process of the local host takes, on keys, messages or timers. */
const OUTAGE_MS = 30_000;

export class Files {
  readonly #database: string;
  readonly #queues: string;

  constructor(dataDir: string) {
    this.#database = join(dataDir, 'driftless.db');
    this.#queues = join(dataDir, 'queues.db');
  }

  get database(): string {
    return this.#database;
  }

  /** Whether the first mirror stands: every entity has its watermark, and all that the first census marked was read. */
  mirrored(): boolean {
    const states = this.#inDatabase('SELECT Watermark FROM SyncStates');
    const unread = `SELECT count(*) AS n FROM StaleKeys WHERE Lane = ${LANES.indexOf('backfill')} AND Attempts = 0`;
    return (
      states.length > 0 &&
      states.every(({ Watermark }) => Watermark !== null) &&
      this.#count(this.#inDatabase(unread)) === 0
    );
  }

  /** The leases that were taken and not given back, by their tokens. They may have run out. */
  leases(): ReadonlyMap<string, LeaseKind> {
    const taken = LEASES.flatMap(([kind, name]) =>
      this.#inDatabase(`SELECT ${name}Token AS Token FROM SyncStates WHERE ${name}Token IS NOT NULL`).map(
        ({ Token }) => [String(Token), kind] as const,
      ),
    );
    return new Map(taken);
  }

  /** Whether somebody has a lease of this kind, on any entity. */
  leased(wanted: LeaseKind, now: number): boolean {
    return LEASES.some(
      ([kind, name]) =>
        kind === wanted &&
        this.#inDatabase(`SELECT 1 FROM SyncStates WHERE ${name}Until > ${now}`).length > 0,
    );
  }

  /** Marks that are due before this time, or held. */
  marksDue(before: number): number {
    const due = `SELECT count(*) AS n FROM StaleKeys WHERE DueAt IS NULL OR DueAt < ${before}`;
    return this.#count(this.#inDatabase(due));
  }

  /** What has been written and is not linked yet. */
  unlinked(): number {
    return this.#count(this.#inDatabase('SELECT count(*) AS n FROM UnlinkedKeys'));
  }

  /** Signals on their way, whether they wait, are delayed or in somebody's hands. */
  signals(): number {
    return this.#count(this.#inQueues(`SELECT count(*) AS n FROM Messages WHERE Queue = 'signals'`));
  }

  /** Detectors that run, or are to run now. Those that were put off, because another was at it, are not waited for. */
  detectors(now: number): number {
    const present = `Queue = 'sweeps' AND (PopReceipt IS NOT NULL OR VisibleAt <= ${now})`;
    return this.#count(this.#inQueues(`SELECT count(*) AS n FROM Messages WHERE ${present}`));
  }

  /** How many entities a detector has been through, in runs that began at this time or later. */
  succeeded(kind: 'sweep' | 'census' | 'content', since: number): number {
    const runs = `Kind = '${kind}' AND State = 'succeeded' AND StartedAt >= ${since}`;
    return this.#count(this.#inDatabase(`SELECT count(DISTINCT Entity) AS n FROM SyncRuns WHERE ${runs}`));
  }

  poisoned(): readonly string[] {
    const found = this.#inQueues(`SELECT Queue, Text FROM Messages WHERE Queue LIKE '%-poison'`);
    return found.map(({ Queue, Text }) => `${Queue}: ${Text}`);
  }

  /** By webhook id. */
  deliveries(): ReadonlyMap<string, readonly Logged[]> {
    const rows = this.#inDatabase(`
      SELECT WebhookId, Entity, ShopifyId, RefreshedAt, EXISTS (
        SELECT 1 FROM StaleKeys s WHERE s.StoreId = d.StoreId AND s.Entity = d.Entity AND s.Id = d.ShopifyId
      ) AS Marked FROM Deliveries d`);
    return Map.groupBy(rows.map(loggedOf), ({ webhookId }) => webhookId);
  }

  /** Rows of an entity by Shopify's id. */
  versions(name: EntityName): ReadonlyMap<string, Version> {
    const { table, key } = entityOf(name);
    const rows = this.#inDatabase(`SELECT ${key} AS Id, ShopifyUpdatedAt, ReadAt, DeletedAt FROM ${table}`);
    return new Map(
      rows.map(({ Id, ShopifyUpdatedAt, ReadAt, DeletedAt }) => [
        String(Id),
        {
          updatedAt: Number(ShopifyUpdatedAt),
          readAt: Number(ReadAt),
          deletedAt: DeletedAt === null ? null : Number(DeletedAt),
        },
      ]),
    );
  }

  /** What SQLite itself finds wrong with both. */
  damage(): readonly string[] {
    return [this.#database, this.#queues].flatMap((file) => {
      const found = look(file, 'PRAGMA integrity_check').map((row) => String(row['integrity_check']));
      const broken = look(file, 'PRAGMA foreign_key_check').map((row) => `${row['table']} points to nothing`);
      return [...found.filter((text) => text !== 'ok'), ...broken].map((text) => `${file}: ${text}`);
    });
  }

  /**
   * As if the hosts had been away for long: the leases of the dead have run out. It writes, so it is for tests that
   * have no time to wait, and only while no host lives.
   */
  outage(): void {
    write(this.#queues, `UPDATE Messages SET VisibleAt = VisibleAt - ${OUTAGE_MS}`);
    write(this.#queues, `UPDATE Timers SET LeaseUntil = LeaseUntil - ${OUTAGE_MS}`);
    for (const [, name] of LEASES)
      write(this.#database, `UPDATE SyncStates SET ${name}Until = ${name}Until - ${OUTAGE_MS}`);
  }

  #count([row]: readonly Row[]): number {
    return Number(row?.['n']);
  }

  #inDatabase(sql: string): readonly Row[] {
    return look(this.#database, sql);
  }

  #inQueues(sql: string): readonly Row[] {
    return look(this.#queues, sql);
  }
}

const loggedOf = ({ WebhookId, Entity, ShopifyId, RefreshedAt, Marked }: Row) => ({
  webhookId: String(WebhookId),
  entity: ENTITY_NAMES.find((name) => name === Entity)!,
  id: String(ShopifyId),
  refreshed: RefreshedAt !== null,
  marked: Marked === 1,
});

/** Nothing, where the file or the table is not there yet: a host may have died before it made them. */
function look(file: string, sql: string): readonly Row[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    return database.prepare(sql).all();
  } catch (error) {
    if (error instanceof Error && /no such table|unable to open/.test(error.message)) return [];
    throw error;
  } finally {
    database?.close();
  }
}

function write(file: string, sql: string): void {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
