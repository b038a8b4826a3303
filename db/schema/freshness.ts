import { sql } from 'drizzle-orm';
import type { EntityName } from '../../src/entities/registry.ts';
import type { Kit } from './kit.ts';
import type { defineMarking } from './marking.ts';
import type { defineProgress } from './progress.ts';
import type { defineProof } from './proof.ts';

/** How far the mirror can be trusted, for those who read it: one row per store and entity. */

type Tables = Pick<ReturnType<typeof defineMarking>, 'StaleKeys' | 'Rejects'> &
  Pick<ReturnType<typeof defineProgress>, 'SyncStates'> &
  Pick<ReturnType<typeof defineProof>, 'Certificates'>;

/**
 * `TrueAsOf`: every object that Shopify last changed before this time is in the mirror as it is now, but for parked
 * ones, which `Parked` counts. That is the watermark (everything older has been compared), or what the oldest waiting
 * mark expects, if that is less. It is Shopify's time; only where nothing told which version a mark is about, it is
 * when the mark was set, which the database's clock tells. Null before all has been mirrored once. In between are
 * newer states: webhooks run ahead of the watermark.
 *
 * Deletions move no version: what Shopify deleted, or changed, more than 30 s before `LastCertificateAt` is marked as
 * deleted, or mirrored exactly, but for the keys that its certificate counts. That is when the latest census began that
 * matched, by Shopify's clock; nothing is promised of the last 30 s, for the list may come from a replica that lags.
 */
export const defineFreshness = (c: Kit, { StaleKeys, Rejects, SyncStates, Certificates }: Tables) => ({
  Freshness: c
    .view('Freshness', {
      StoreId: c.rowRef('StoreId').notNull(),
      Entity: c.text('Entity', 50).$type<EntityName>().notNull(),
      TrueAsOf: c.instant('TrueAsOf'),
      LastSweepAt: c.instant('LastSweepAt'),
      LastCertificateAt: c.instant('LastCertificateAt'),
      CoverageFrom: c.instant('CoverageFrom'),
      Waiting: c.integer('Waiting').notNull(),
      Parked: c.integer('Parked').notNull(),
    })
    .as(sql`select s.StoreId, s.Entity,
  case when w.Since < s.Watermark then w.Since else s.Watermark end as TrueAsOf,
  s.LastSweepAt,
  (select max(c.FromAt) from ${Certificates} c where c.StoreId = s.StoreId and c.Entity = s.Entity
    and c.Verdict in ('matched', 'matched but')) as LastCertificateAt,
  s.CoverageFrom,
  coalesce(w.Waiting, 0) as Waiting,
  (select count(*) from ${Rejects} r where r.StoreId = s.StoreId and r.Entity = s.Entity) as Parked
from ${SyncStates} s
left join (
  select m.StoreId, m.Entity, count(*) as Waiting, min(coalesce(m.ExpectedUpdatedAt, m.MarkedAt)) as Since
  from ${StaleKeys} m
  where not exists (select 1 from ${Rejects} r
    where r.StoreId = m.StoreId and r.Entity = m.Entity and r.ShopifyId = m.Id)
  group by m.StoreId, m.Entity
) w on w.StoreId = s.StoreId and w.Entity = s.Entity`),
});
