/**
 * What can be seen of the hosts from outside: one store's rows in their database, wherever that is, and the messages
 * in the file of their queues.
 */
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { LeaseKind } from '../../src/lease.ts';
import { LANES } from '../../src/mark.ts';
import type { Looked, Row, Values } from './looked.ts';
import type { SqliteFile } from './sqlite-file.ts';

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

/** A lease that was taken and not given back. It may have run out. */
interface Taken {
  readonly kind: LeaseKind;
  readonly token: string;
  readonly until: number;
}

/** The columns of each lease begin with its name. */
const LEASES = [
  ['refresh', 'RefreshLease'],
  ['sweep', 'SweepLease'],
  ['census', 'CensusLease'],
] as const satisfies readonly (readonly [LeaseKind, string])[];

/** The rows of the trial's store: a database on a server may have seen other trials. */
const OF_STORE = 'StoreId = (SELECT Id FROM Stores WHERE Domain = @domain)';

/** Longer than any lease that a process of the local host takes, on keys, messages or timers. */
const OUTAGE_MS = 30_000;

export class Outside {
  readonly #database: Looked;
  readonly #queues: SqliteFile;
  readonly #domain: string;

  constructor(database: Looked, queues: SqliteFile, domain: string) {
    this.#database = database;
    this.#queues = queues;
    this.#domain = domain;
  }

  /** The time of the hosts' database, by which its runs begin. */
  async now(): Promise<number> {
    return await this.#database.now();
  }

  /** Whether the first mirror stands: every entity has its watermark, and all that the first census marked was read. */
  async mirrored(): Promise<boolean> {
    const states = await this.#inStore(`SELECT Watermark FROM SyncStates WHERE ${OF_STORE}`);
    if (states.length === 0 || states.some(({ Watermark }) => Watermark === null)) return false;
    const unread = `FROM StaleKeys WHERE ${OF_STORE} AND Lane = @lane AND Attempts = 0`;
    return (await this.#count(unread, { lane: LANES.indexOf('backfill') })) === 0;
  }

  /** By their tokens. */
  async leases(): Promise<ReadonlyMap<string, LeaseKind>> {
    return new Map((await this.#taken()).map(({ token, kind }) => [token, kind]));
  }

  /** Whether somebody has a lease of this kind, on any entity. */
  async leased(wanted: LeaseKind): Promise<boolean> {
    const now = await this.#database.now();
    return (await this.#taken()).some(({ kind, until }) => kind === wanted && until > now);
  }

  /** Marks that are due within so many milliseconds, or held. */
  async marksDue(withinMs: number): Promise<number> {
    const before = new Date((await this.#database.now()) + withinMs);
    return await this.#count(`FROM StaleKeys WHERE ${OF_STORE} AND (DueAt IS NULL OR DueAt < @before)`, {
      before,
    });
  }

  /** What has been written and is not linked yet. */
  async unlinked(): Promise<number> {
    return await this.#count(`FROM UnlinkedKeys WHERE ${OF_STORE}`);
  }

  /** Signals on their way, whether they wait, are delayed or in somebody's hands. */
  async signals(): Promise<number> {
    return await this.#messages(`Queue = 'signals'`);
  }

  /** Detectors that run, or are to run now. Those that were put off, because another was at it, are not waited for. */
  async detectors(): Promise<number> {
    return await this.#messages(`Queue = 'sweeps' AND (PopReceipt IS NOT NULL OR VisibleAt <= @now)`, {
      now: await this.#queues.now(),
    });
  }

  /** How many entities a detector has been through, in runs that began at this time of the database or later. */
  async succeeded(kind: 'sweep' | 'census' | 'content', since: number): Promise<number> {
    const [row] = await this.#inStore(
      `SELECT count(DISTINCT Entity) AS n FROM SyncRuns
      WHERE ${OF_STORE} AND Kind = @kind AND State = 'succeeded' AND StartedAt >= @since`,
      { kind, since: new Date(since) },
    );
    return Number(row?.['n'] ?? 0);
  }

  async poisoned(): Promise<readonly string[]> {
    const found = await this.#queues.select(`SELECT Queue, Text FROM Messages WHERE Queue LIKE '%-poison'`);
    return found.map(({ Queue, Text }) => `${Queue}: ${Text}`);
  }

  /** By webhook id. */
  async deliveries(): Promise<ReadonlyMap<string, readonly Logged[]>> {
    const rows = await this.#inStore(`
      SELECT WebhookId, Entity, ShopifyId, RefreshedAt, CASE WHEN EXISTS (
        SELECT 1 FROM StaleKeys s WHERE s.StoreId = d.StoreId AND s.Entity = d.Entity AND s.Id = d.ShopifyId
      ) THEN 1 ELSE 0 END AS Marked FROM Deliveries d WHERE d.${OF_STORE}`);
    return Map.groupBy(rows.map(loggedOf), ({ webhookId }) => webhookId);
  }

  /** Rows of an entity by Shopify's id. */
  async versions(name: EntityName): Promise<ReadonlyMap<string, Version>> {
    const { table, key } = entityOf(name);
    const rows = await this.#inStore(
      `SELECT ${key} AS Id, ShopifyUpdatedAt, ReadAt, DeletedAt FROM ${table} WHERE ${OF_STORE}`,
    );
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

  async damage(): Promise<readonly string[]> {
    return [...(await this.#database.damage()), ...(await this.#queues.damage())];
  }

  /**
   * As if the hosts had been away for long: the leases of the dead have run out, by whatever clock. It writes, so it
   * is for tests that have no time to wait, and only while no host lives. (What a dead host had sent to a server may
   * still be carried out after it: such a lease is waited for.)
   */
  async outage(): Promise<void> {
    for (const [table, column] of [
      ['Messages', 'VisibleAt'],
      ['Timers', 'LeaseUntil'],
    ] as const)
      await this.#queues.write(`UPDATE ${table} SET ${column} = ${this.#queues.earlier(column, OUTAGE_MS)}`);
    const aged = LEASES.map(
      ([, name]) => `${name}Until = ${this.#database.earlier(`${name}Until`, OUTAGE_MS)}`,
    );
    await this.#database.write(`UPDATE SyncStates SET ${aged.join(', ')} WHERE ${OF_STORE}`, {
      domain: this.#domain,
    });
  }

  async #taken(): Promise<readonly Taken[]> {
    const leases = LEASES.map(
      ([kind, name]) => `SELECT '${kind}' AS Kind, ${name}Token AS Token, ${name}Until AS Until
      FROM SyncStates WHERE ${OF_STORE} AND ${name}Token IS NOT NULL`,
    );
    const rows = await this.#inStore(leases.join(' UNION ALL '));
    return rows.map(({ Kind, Token, Until }) => ({
      kind: LEASES.map(([kind]) => kind).find((kind) => kind === Kind)!,
      token: String(Token),
      until: Number(Until),
    }));
  }

  async #messages(which: string, values: Values = {}): Promise<number> {
    const [row] = await this.#queues.select(`SELECT count(*) AS n FROM Messages WHERE ${which}`, values);
    return Number(row?.['n'] ?? 0);
  }

  async #count(from: string, values: Values = {}): Promise<number> {
    const [row] = await this.#inStore(`SELECT count(*) AS n ${from}`, values);
    return Number(row?.['n'] ?? 0);
  }

  async #inStore(query: string, values: Values = {}): Promise<readonly Row[]> {
    return await this.#database.select(query, { ...values, domain: this.#domain });
  }
}

const loggedOf = ({ WebhookId, Entity, ShopifyId, RefreshedAt, Marked }: Row) => ({
  webhookId: String(WebhookId),
  entity: ENTITY_NAMES.find((name) => name === Entity)!,
  id: String(ShopifyId),
  refreshed: RefreshedAt !== null,
  marked: Marked === 1,
});
