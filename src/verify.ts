import type { Certificate, CertifiedRange } from './certificate.ts';
import type { Database } from './database.ts';
import { digestOf } from './range-digest.ts';
import type { RangeRow } from './record.ts';

/**
 * A certificate recomputed from the mirror: of each range that its census compared, the digest of the keys that were equal
 * then is taken again over the rows of now. A range that differs names the rows that were written since, and the runs
 * that wrote them; one that differs although nothing was written since was changed by somebody else.
 */
export interface Verification {
  /** Ranges of the certificate; 0 where it was made before ranges were kept. */
  readonly ranges: number;
  /** Keys that were equal. */
  readonly keys: number;
  readonly moved: readonly MovedRange[];
}

export interface MovedRange {
  readonly after: string | null;
  readonly through: string;
  /** Keys that were equal then, and that are live rows now. */
  readonly equal: number;
  readonly live: number;
  /** Ids of rows that were written or buried since the range was compared. */
  readonly rows: readonly string[];
  /** Runs of refreshes in whose hours that was. */
  readonly runs: readonly number[];
}

type Reads = Pick<Database, 'certifiedRanges' | 'keysInRange' | 'refreshRuns'>;

const ROWS_PER_PAGE = 1_000;
const HOUR_MS = 3_600_000;

export async function verify(database: Reads, certificate: Certificate): Promise<Verification> {
  const { storeId, entity, runId, issuedAt } = certificate;
  const ranges = await database.certifiedRanges(runId);
  const from = Math.min(issuedAt, ...ranges.map(({ comparedAt }) => comparedAt));
  const hours = await database.refreshRuns(storeId, entity, from);
  const moved: MovedRange[] = [];
  for (const range of ranges.filter(({ equal }) => equal > 0)) {
    const found = await compared(database, certificate, range, hours);
    if (found !== null) moved.push(found);
  }
  return { ranges: ranges.length, keys: ranges.reduce((sum, { equal }) => sum + equal, 0), moved };
}

/** Null where the range is as it was. */
async function compared(
  database: Reads,
  { storeId, entity }: Certificate,
  range: CertifiedRange,
  hours: Awaited<ReturnType<Reads['refreshRuns']>>,
): Promise<MovedRange | null> {
  const others = new Set(range.others);
  const live: RangeRow[] = [];
  const written: RangeRow[] = [];
  for (let after = range.after; ; ) {
    const { rows } = await database.keysInRange(storeId, entity, after, range.through, ROWS_PER_PAGE);
    for (const row of rows.filter(({ id }) => !others.has(id))) {
      if (row.deletedAt === null) live.push(row);
      if (row.syncedAt >= range.comparedAt) written.push(row);
    }
    if (rows.length < ROWS_PER_PAGE) break;
    after = rows.at(-1)!.id;
  }
  if (live.length === range.equal && digestOf(live) === range.digest) return null;
  const ofHour = new Map(hours.map(({ id, startedAt }) => [startedAt, id]));
  const runs = written.flatMap(({ syncedAt }) => ofHour.get(syncedAt - (syncedAt % HOUR_MS)) ?? []);
  return {
    after: range.after,
    through: range.through,
    equal: range.equal,
    live: live.length,
    rows: written.map(({ id }) => id),
    runs: [...new Set(runs)],
  };
}
