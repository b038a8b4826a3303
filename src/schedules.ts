import type { Environment } from './config.ts';

/** The default schedules of design §4, six fields, UTC, each overridable by its setting. */
export const SCHEDULES = {
  ORDER_SYNC_CRON: '0 15 */1 * * *',
  CUSTOMER_SYNC_CRON: '0 0 */2 * * *',
  PRODUCT_SYNC_CRON: '0 30 */4 * * *',
  CENSUS_CRON: '0 45 2 * * *',
  TICK_CRON: '0 * * * * *',
} as const;
export type ScheduleName = keyof typeof SCHEDULES;

/** Must not throw: it is read while functions are registered, where a throw shows as "0 functions found". */
export const schedulesOf = (environment: Environment): Readonly<Record<ScheduleName, string>> => {
  const chosen = Object.entries(SCHEDULES).map(([name, cron]) => [name, environment[name] || cron]);
  return Object.fromEntries(chosen) as Record<ScheduleName, string>;
};
