import { hash } from 'node:crypto';
import { mirrorTableOf, writtenColumns } from '../db/mirror-tables.ts';
import { type CertificateDraft, NO_FINDINGS } from '../src/certificate.ts';
import type { Database } from '../src/database.ts';
import type { Row } from '../src/entities/column.ts';
import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { lacksOf } from '../src/lack.ts';
import type { Lease, LeaseKind } from '../src/lease.ts';
import type { AnsweredDelivery, Raise, RefreshCommit, Verdict } from '../src/mark.ts';
import type { ChildRecord, MirrorRecord } from '../src/record.ts';
import type { CensusPosition, DetectionCommit } from '../src/run.ts';

/** An empty database of some kind, whose clock the battery moves. */
export interface TestDatabase {
  /** A connection of its own, as another process would have. */
  connect(): Promise<Database>;
  /** The database's own clock. */
  now(): number;
  advance(ms: number): void;
  /** Plain SQL that every dialect understands, for what the port does not show. */
  select(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  drop(): Promise<void>;
}

export type Factory = () => Promise<TestDatabase>;

/** Shopify's time in the battery: any time but the database's. */
export const T = Date.parse('2026-10-01T00:00:00Z');

export const NOTHING_SEEN = {
  seen: 0,
  unchanged: 0,
  written: 0,
  deleted: 0,
  failed: 0,
  deferred: 0,
  unknowable: 0,
};

export const raiseOf = (id: string, more: Partial<Raise> = {}): Raise => ({
  entity: 'customers',
  id,
  lane: 'webhook',
  reason: 'TEST',
  announces: 'presence',
  expectedUpdatedAt: null,
  dueInMs: 0,
  ...more,
});

/** A census that has compared nothing yet. */
export const positionOf = (more: Partial<CensusPosition> = {}): CensusPosition => ({
  runId: 1,
  throughId: null,
  cursor: null,
  compared: false,
  startedAt: T,
  lastAt: T,
  kind: 'census',
  hidden: false,
  heads: 0,
  found: NO_FINDINGS,
  planted: 0,
  detected: 0,
  mirrorBefore: 0,
  oldestCreatedAt: null,
  byIndex: [],
  ...more,
});

/** What a census that found something says in the end. */
export const DRAFT: CertificateDraft = {
  depth: 'heads',
  fromAt: T,
  toAt: T + 1_000,
  counted: 3,
  listed: 3,
  mirrorBefore: 2,
  found: { ...NO_FINDINGS, missing: 1 },
  unknowable: 4,
  unknowableBefore: T - 1,
  planted: 2,
  detected: 2,
  byIndex: ['(7..9]'],
  points: 27,
  held: false,
};

interface Times {
  readonly updatedAt?: number;
  readonly withheld?: readonly string[];
}

/** A record with the given columns; all others are null. */
export function recordOf(
  entity: EntityName,
  id: string,
  row: Row = {},
  more: Times & { readonly children?: MirrorRecord['children'] } = {},
): MirrorRecord {
  const table = mirrorTableOf(entityOf(entity));
  const columns = Object.fromEntries(writtenColumns(table).map((name) => [name, row[name] ?? null]));
  const none = Object.fromEntries(table.children.map((child) => [child.name, []]));
  const { updatedAt = T, withheld = [], children = none } = more;
  const contentHash = hash('sha1', JSON.stringify([columns, children, withheld]), 'base64');
  return {
    id,
    createdAt: T - 1000,
    updatedAt,
    row: columns,
    children,
    withheld,
    lacks: lacksOf(withheld.map((name) => [`${table.name}.${name}`, 'error'])),
    contentHash,
    erasedAt: null,
  };
}

/** A child record of a table of the entity. */
export function childOf(
  entity: EntityName,
  name: string,
  key: string,
  row: Row = {},
  more: { readonly withheld?: readonly string[]; readonly children?: ChildRecord['children'] } = {},
): ChildRecord {
  const find = (table: ReturnType<typeof mirrorTableOf>): ReturnType<typeof mirrorTableOf> | undefined =>
    table.name === name ? table : table.children.map(find).find((found) => found !== undefined);
  const table = find(mirrorTableOf(entityOf(entity)))!;
  const columns = Object.fromEntries(writtenColumns(table).map((column) => [column, row[column] ?? null]));
  return { key, row: columns, children: more.children ?? {}, withheld: more.withheld ?? [] };
}

/** For a property of many commits: a small server takes its time. */
export const PROPERTY_MS = 240_000;

export const CLEAR = { do: 'clear' } as const;
export const keepFor = (dueInMs: number, more: Partial<Extract<Verdict['mark'], { do: 'keep' }>> = {}) => ({
  do: 'keep' as const,
  dueInMs,
  firstNullAt: null,
  firstLiveAt: null,
  attempts: 0,
  excusesBefore: null,
  ...more,
});

/** A commit of these parts, and of nothing else. */
export const commitOf = (parts: Partial<RefreshCommit>): RefreshCommit => ({
  verdicts: [],
  rejects: [],
  raises: [],
  changed: new Map(),
  announce: true,
  gaps: [],
  tally: NOTHING_SEEN,
  points: 0,
  ...parts,
});

/** The short words in which the battery speaks of one store. */
export function inStore(database: Database, storeId: number) {
  const lease = async (entity: EntityName = 'customers', kind: LeaseKind = 'refresh'): Promise<Lease> =>
    (await database.acquireLease(storeId, entity, kind, 60_000))!;

  /** Commits under a lease of its own. */
  const commit = async (
    entity: EntityName,
    parts: Partial<RefreshCommit>,
  ): Promise<readonly AnsweredDelivery[]> => {
    const held = await lease(entity);
    const answered = await database.commitRefresh(held, commitOf(parts));
    await database.releaseLease(held);
    return answered;
  };

  return {
    database,
    storeId,
    lease,
    commit,

    mark: (...raises: readonly Raise[]) => database.mark(storeId, raises),

    /** The due marks of an entity, as a refresh would take them. */
    async take(entity: EntityName = 'customers', limit = 1000) {
      const held = await lease(entity);
      const taken = await database.takeMarks(held, limit);
      await database.releaseLease(held);
      return taken;
    },

    /** Writes rows as a refresh of keys that nobody has marked. */
    write: (entity: EntityName, ...records: readonly MirrorRecord[]) =>
      commit(entity, { verdicts: records.map((record) => writeOf(record)) }),

    bury: (entity: EntityName, at: number, announced: boolean, ...ids: readonly string[]) =>
      commit(entity, {
        verdicts: ids.map((id) => ({ ...verdictOf(id), row: { do: 'bury', at, announced } })),
      }),

    /** All rows of an entity by id. */
    async rows(entity: EntityName) {
      const rows = await database.mirrorRows(storeId, entity, null, 1000);
      return new Map(rows.map((row) => [row.key, row]));
    },

    /** A run's commit under a lease of its own. */
    async detect(
      kind: 'sweep' | 'census',
      parts: Partial<DetectionCommit>,
      entity: EntityName = 'customers',
    ) {
      const held = await lease(entity, kind);
      const runId = parts.runId ?? (await database.startRun(storeId, entity, kind));
      await database.commitDetection(held, { ...NO_DETECTION, ...parts, runId });
      await database.releaseLease(held);
      return runId;
    },
  };
}

/** A database with one active store. */
export async function worldOf(factory: Factory) {
  const test = await factory();
  const database = await test.connect();
  const { id } = await database.activateStore({ domain: 'one.myshopify.com', secretName: 'one' });
  return {
    ...test,
    ...inStore(database, id),

    /** Another active store of the same database. */
    async otherStore() {
      const other = await database.activateStore({ domain: 'two.myshopify.com', secretName: 'two' });
      return inStore(database, other.id);
    },

    async close() {
      await database.close();
      await test.drop();
    },
  };
}

const NO_DETECTION = { raises: [], gaps: [], hold: [], tally: NOTHING_SEEN, points: 0 };

export const verdictOf = (id: string, sequence = 'nobody marked it'): Verdict => ({
  id,
  sequence,
  row: { do: 'leave' },
  mark: CLEAR,
  proven: true,
});

export const writeOf = (record: MirrorRecord, sequence?: string): Verdict => ({
  ...verdictOf(record.id, sequence),
  row: { do: 'write', record, readAt: T + 5000 },
});
