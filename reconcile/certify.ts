import { verdictOf } from '../src/certificate.ts';
import { causeOf } from '../src/gap.ts';
import type { Service } from '../src/service.ts';

/**
 * What can be said once reading is done: certificates whose last mark is gone are completed, gaps get their cause.
 * Both follow from the tables alone, so that it may be done by anyone, at any time, and twice.
 */
type Deps = Pick<Service, 'database' | 'log'>;

const GAPS_PER_STEP = 500;
const STEPS_MAX = 20;

/** One store's, after a refresh that left nothing due; every store's, by the tick. */
export async function certify(deps: Deps, storeId: number): Promise<void> {
  await judgeCauses(deps, storeId);
  await completeCertificates(deps, storeId);
}

async function judgeCauses({ database }: Deps, storeId: number): Promise<void> {
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const gaps = await database.unjudgedGaps(storeId, GAPS_PER_STEP);
    if (gaps.length === 0) return;
    await database.judgeGaps(gaps.map((gap) => ({ gapId: gap.gapId, cause: causeOf(gap.entity, gap) })));
    if (gaps.length < GAPS_PER_STEP) return;
  }
}

async function completeCertificates({ database, log }: Deps, storeId: number): Promise<void> {
  const ripe = await database.ripeCertificates(storeId);
  if (ripe.length === 0) return;
  for (const certificate of ripe) {
    const { id, entity, completion } = certificate;
    const lacking = await database.lacking(storeId, entity);
    const withheld = [
      ...new Set(lacking.filter(({ reason }) => reason !== 'unfit').map(({ column }) => column)),
    ];
    const { verdict, remarks } = verdictOf(certificate, completion, lacking);
    await database.completeCertificate(id, { verdict, remarks, withheld, completion });
    const about = { StoreId: storeId, Entity: entity, CertificateId: id, Cause: remarks.join('; ') };
    if (verdict === 'count differs') log('countDiffers', about);
    if (verdict === 'blind') log('censusBlind', about);
  }
}
