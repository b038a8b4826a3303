/**
 * The demonstration's shape: how large the simulated store is, how it misbehaves, and how much faster than in
 * production the clockwork turns. The screen says that it does.
 */
export interface DemoOptions {
  readonly seed: number;
  readonly plan: string;
  readonly costModel: string;
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
  readonly changes: number;
  /** Changes per second. */
  readonly rate: number;
}

export const DEMO_DEFAULTS = {
  seed: 1,
  plan: 'plus',
  costModel: 'observed',
  customers: 2_000,
  products: 500,
  orders: 2_000,
  changes: 500,
  rate: 50,
} as const;

/** Deliveries go wrong as they do in life. */
export const FAULTS = { lost: 0.05, doubled: 0.05, reordered: 0.1 } as const;

/** SETTLE and OVERLAP above the simulator's lags, as in production above Shopify's. */
export const SHORTENED = { SETTLE_MS: '2000', OVERLAP_MS: '10000', PORT: '0' } as const;

export const SHORT_SCHEDULES = {
  ORDER_SYNC_CRON: '*/20 * * * * *',
  CUSTOMER_SYNC_CRON: '5/20 * * * * *',
  PRODUCT_SYNC_CRON: '10/20 * * * * *',
  CENSUS_CRON: '30 * * * * *',
  TICK_CRON: '*/5 * * * * *',
} as const;
