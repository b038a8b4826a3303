import { asc, eq } from 'drizzle-orm';
import type { CertifiedRange } from '../../src/certificate.ts';
import type { Lease } from '../../src/lease.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';

/** What censuses saw of each range, written with the marks of what was not equal. */

const { CertifiedRanges } = schema;

export function keepRange(
  { db }: Connection,
  { storeId, entity }: Lease,
  runId: number,
  { after, through, equal, digest, others, comparedAt }: CertifiedRange,
): void {
  db.insert(CertifiedRanges)
    .values({
      StoreId: storeId,
      Entity: entity,
      RunId: runId,
      AfterId: after,
      ThroughId: through,
      EqualKeys: equal,
      Digest: digest,
      OtherKeys: others,
      ComparedAt: comparedAt,
    })
    .run();
}

export const certifiedRanges = ({ db }: Connection, runId: number): readonly CertifiedRange[] =>
  db
    .select()
    .from(CertifiedRanges)
    .where(eq(CertifiedRanges.RunId, runId))
    .orderBy(asc(CertifiedRanges.Id))
    .all()
    .map((row) => ({
      after: row.AfterId,
      through: row.ThroughId,
      equal: row.EqualKeys,
      digest: row.Digest,
      others: row.OtherKeys,
      comparedAt: row.ComparedAt,
    }));
