CREATE VIEW [Freshness] AS select s.StoreId, s.Entity,
  case when w.Since < s.Watermark then w.Since else s.Watermark end as TrueAsOf,
  s.LastSweepAt,
  (select max(c.FromAt) from [Certificates] c where c.StoreId = s.StoreId and c.Entity = s.Entity
    and c.Verdict in ('matched', 'matched but')) as LastCertificateAt,
  s.CoverageFrom,
  coalesce(w.Waiting, 0) as Waiting,
  (select count(*) from [Rejects] r where r.StoreId = s.StoreId and r.Entity = s.Entity) as Parked
from [SyncStates] s
left join (
  select m.StoreId, m.Entity, count(*) as Waiting, min(coalesce(m.ExpectedUpdatedAt, m.MarkedAt)) as Since
  from [StaleKeys] m
  where not exists (select 1 from [Rejects] r
    where r.StoreId = m.StoreId and r.Entity = m.Entity and r.ShopifyId = m.Id)
  group by m.StoreId, m.Entity
) w on w.StoreId = s.StoreId and w.Entity = s.Entity;