import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { openSqlite } from '../../db/sqlite/open.ts';
import type { Database } from '../../src/database.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';

/**
 * The one database of many runs: opening and migrating costs as much as a run, emptying costs nothing. A second
 * connection on the same memory looks at the tables directly, so that the rules are not checked with the very
 * operations that they are about.
 */
export interface SeenRow {
  readonly updatedAt: number;
  readonly readAt: number;
  readonly deletedAt: number | null;
}

/** What a certificate says in the end, as far as it can be held to it. */
export interface CompletedCertificate {
  readonly id: number;
  readonly entity: EntityName;
  readonly runId: number;
  readonly depth: string;
  readonly fromAt: number;
  readonly verdict: string;
  readonly unknowable: number;
  /** It says that what is old is not shown to the app. */
  readonly hidesTheOld: boolean;
  /** `Table.Column` */
  readonly withheld: readonly string[];
  /** Ranges that were listed through the search index. */
  readonly byIndex: number;
}

export interface Time {
  readonly now: number;
}

/** Whose clock the database goes by, and how many nonces its run has drawn. */
interface Present {
  time: Time;
  nonces: number;
}

/** Said anew, lest the check trusts what it checks. An empty list of tags is nobody's. */
const PERSONAL = [
  {
    table: 'Customers',
    key: 'ShopifyCustomerId',
    columns: [
      ...['FirstName', 'LastName', 'Email', 'Phone', 'Company', 'City', 'ProvinceCode', 'CountryCode'],
      ...['AddressPhone', 'Tags', 'Locale', 'Note', 'nullif(AcceptsEmailMarketing, 0)'],
    ],
    child: 'null',
  },
  {
    table: 'Orders',
    key: 'ShopifyOrderId',
    columns: ['Email', 'Tags'],
    child: '(select max(Note) from Refunds where OrderId = t.Id)',
  },
];

export class Ground {
  readonly database: Database;
  readonly #present: Present;
  readonly #raw: DatabaseSync;
  readonly #tables: readonly string[];
  readonly #statements = new Map<string, StatementSync>();

  private constructor(database: Database, raw: DatabaseSync, present: Present) {
    this.#present = present;
    this.database = database;
    this.#raw = raw;
    this.#tables = raw
      .prepare("select name from sqlite_schema where type = 'table' and name not like '\\_\\_%' escape '\\'")
      .all()
      .map(({ name }) => String(name));
  }

  /** `name` keeps the grounds of one process apart. */
  static async open(name: string): Promise<Ground> {
    const file = `file:${name}?mode=memory&cache=shared`;
    const present: Present = { time: { now: 0 }, nonces: 0 };
    const nonce = () => `n${++present.nonces}`;
    const database = await openSqlite(file, { clock: () => present.time.now, nonce });
    const raw = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    return new Ground(database, raw, present);
  }

  readonly nonce = (): string => `n${++this.#present.nonces}`;

  /** Nothing is left of the run before. */
  clear(time: Time): void {
    this.#present.time = time;
    this.#present.nonces = 0;
    this.#raw.exec('BEGIN IMMEDIATE');
    for (const table of this.#tables) this.#raw.exec(`delete from "${table}"`);
    this.#raw.exec('COMMIT');
  }

  async close(): Promise<void> {
    this.#raw.close();
    await this.database.close();
  }

  #all(text: string): readonly Readonly<Record<string, unknown>>[] {
    const known = this.#statements.get(text);
    const statement = known ?? this.#raw.prepare(text);
    if (known === undefined) this.#statements.set(text, statement);
    return statement.all();
  }

  #count(text: string): number {
    return Number(this.#all(text)[0]!['n']);
  }

  rows(name: EntityName): Map<string, SeenRow> {
    const { table, key } = entityOf(name);
    const found = this.#all(`select ${key} as id, UpdatedAt, ReadAt, DeletedAt from ${table}`);
    return new Map(
      found.map(({ id, UpdatedAt, ReadAt, DeletedAt }) => [
        String(id),
        {
          updatedAt: Number(UpdatedAt),
          readAt: Number(ReadAt),
          deletedAt: DeletedAt === null ? null : Number(DeletedAt),
        },
      ]),
    );
  }

  /** Sequence by `entity id`. */
  marks(): Map<string, string> {
    const found = this.#all('select Entity, Id, Sequence from StaleKeys');
    return new Map(found.map(({ Entity, Id, Sequence }) => [`${Entity} ${Id}`, String(Sequence)]));
  }

  /** When the first of the marks is due; null without any that is not held. */
  nextDueAt(): number | null {
    const due = this.#all('select min(DueAt) as due from StaleKeys')[0]?.['due'];
    return typeof due === 'number' ? due : null;
  }

  watermarks(): Map<EntityName, number | null> {
    const found = this.#all('select Entity, Watermark from SyncStates');
    return new Map(
      ENTITY_NAMES.map((name) => {
        const watermark = found.find(({ Entity }) => Entity === name)?.['Watermark'];
        return [name, typeof watermark === 'number' ? watermark : null];
      }),
    );
  }

  /** Runs whose counters do not add up (R11). */
  leakingRuns(): readonly string[] {
    const sum = 'Unchanged + Written + Deleted + Failed + Deferred + Unknowable';
    return this.#all(`select Kind, Entity from SyncRuns where Seen <> ${sum}`).map(
      ({ Kind, Entity }) => `${Kind} of ${Entity}`,
    );
  }

  runningRuns(): number {
    return this.#count("select count(*) as n from SyncRuns where State = 'running'");
  }

  completedCount(): number {
    return this.#count('select count(*) as n from Certificates where CompletedAt is not null');
  }

  completed(): readonly CompletedCertificate[] {
    return this.#all('select * from Certificates where CompletedAt is not null').map((row) => ({
      id: Number(row['Id']),
      entity: String(row['Entity']) as EntityName,
      runId: Number(row['RunId']),
      depth: String(row['Depth']),
      fromAt: Number(row['FromAt']),
      verdict: String(row['Verdict']),
      unknowable: Number(row['Unknowable']),
      hidesTheOld: row['UnknowableBefore'] !== null,
      withheld: JSON.parse(String(row['Withheld'])),
      byIndex: JSON.parse(String(row['ByIndex'])).length,
    }));
  }

  /** Entities whose certificates wait, each as often as it has one. */
  waitingCertificates(): readonly string[] {
    return this.#all('select Entity from Certificates where CompletedAt is null').map(({ Entity }) =>
      String(Entity),
    );
  }

  /** Of the latest certificate of each entity. */
  lastVerdicts(): ReadonlyMap<string, string> {
    const found = this.#all('select Entity, Verdict from Certificates order by Id');
    return new Map(found.map(({ Entity, Verdict }) => [String(Entity), String(Verdict)]));
  }

  /** Keys that went out of the app's sight since the run began: its certificate counts them, and proves nothing of them. */
  unproven(runId: number): readonly string[] {
    const text = `select ShopifyId from UnprovenKeys u join SyncRuns r on r.Id = ${runId}
      where u.Entity = r.Entity and FoundByRun <= r.Id and EndedAt >= r.StartedAt`;
    return this.#all(text).map(({ ShopifyId }) => String(ShopifyId));
  }

  parked(name: EntityName): ReadonlySet<string> {
    const found = this.#all(`select ShopifyId from Rejects where Entity = '${name}'`);
    return new Set(found.map(({ ShopifyId }) => String(ShopifyId)));
  }

  /** Stores that are not mirrored for now. A name under which none was ever reached has a row to say so, and no shop. */
  resting(): number {
    return this.#count('select count(*) as n from Stores where IsActive = 0 and ShopifyShopId is not null');
  }

  linksOwed(): number {
    return this.#count('select count(*) as n from UnlinkedKeys');
  }

  /** Content censuses that a tick is to enqueue, since a scope came back. */
  censusesOwed(): number {
    return this.#count(`select count(*) as n from Stores, json_each(Settings, '$.contentOwed') as owed
      where owed.value > coalesce(json_extract(Settings, '$.contentPaid.' || owed.key), 0)`);
  }

  /** Compliance requests that are not done. */
  openRequests(): number {
    return this.#count("select count(*) as n from PrivacyRequests where State <> 'done'");
  }

  /** Rows of customers and orders that say since when they are erased; and which of those hold something personal. */
  erased(): { readonly keys: ReadonlySet<string>; readonly telling: readonly string[] } {
    const found = PERSONAL.flatMap(({ table, key, columns, child }) =>
      this.#all(
        `select '${table} ' || ${key} as name, coalesce(${columns.join(', ')}, ${child}) is not null as tells
         from ${table} as t where ErasedAt is not null`,
      ),
    );
    const telling = found.filter(({ tells }) => tells === 1);
    return {
      keys: new Set(found.map(({ name }) => String(name))),
      telling: telling.map(({ name }) => String(name)),
    };
  }

  webhookIds(): readonly string[] {
    return this.#all('select distinct WebhookId from Deliveries').map(({ WebhookId }) => String(WebhookId));
  }

  /** Everything that a still store must leave alone (R14), as text. */
  stillness(): string {
    const tables = ['Customers', 'Products', 'ProductVariants', 'Orders', 'OrderItems', 'Refunds'];
    const all = [...tables, 'RefundItems', 'StaleKeys', 'ChangeEvents', 'Gaps', 'Rejects', 'UnlinkedKeys'];
    return JSON.stringify(
      all.map((table) => this.#all(`select * from ${table}`)),
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    );
  }
}
