import type { Environment } from './config.ts';
import { ENTITY_NAMES, type EntityName, type EntityType, entityOf } from './entities/registry.ts';

/**
 * When the timers go off, six fields, UTC, each overridable by its setting. Sweeps follow from the entities, so that
 * a new one is not mirrored once and then looked through by nobody.
 */
const OTHERS = {
  CENSUS_CRON: '0 45 2 * * *',
  TICK_CRON: '0 * * * * *',
} as const;

type SweepSetting = `${Uppercase<EntityType>}_SYNC_CRON`;
export type ScheduleName = SweepSetting | keyof typeof OTHERS;

/** `customers` → `CUSTOMER_SYNC_CRON` */
export const sweepSetting = (entity: EntityName): SweepSetting =>
  `${entityOf(entity).type.toUpperCase()}_SYNC_CRON` as SweepSetting;

const sweeps = ENTITY_NAMES.map((entity) => [sweepSetting(entity), entityOf(entity).sweptAt]);
export const SCHEDULES = { ...Object.fromEntries(sweeps), ...OTHERS } as Readonly<
  Record<ScheduleName, string>
>;

/** Must not throw: it is read while functions are registered, where a throw shows as "0 functions found". */
export const schedulesOf = (environment: Environment): Readonly<Record<ScheduleName, string>> => {
  const chosen = Object.entries(SCHEDULES).map(([name, cron]) => [name, environment[name] || cron]);
  return Object.fromEntries(chosen) as Record<ScheduleName, string>;
};
