import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { sweepSetting } from '../src/schedules.ts';
import type { SimulatedShop } from './simulated.ts';

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

/** Sweeps every 20 s, one entity 5 s after the other. */
export const SHORT_SCHEDULES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ENTITY_NAMES.map((name, place) => [sweepSetting(name), `${(5 * place) % 20}-59/20 * * * * *`]),
  ),
  CENSUS_CRON: '30 * * * * *',
  TICK_CRON: '*/5 * * * * *',
};

/** Nothing of a configured store or database: what is simulated must never be written there. */
export const demoEnvironment = (shop: SimulatedShop): Readonly<Record<string, string>> => ({
  ...shop.env,
  ...SHORTENED,
  ...SHORT_SCHEDULES,
});

const LIVE_CHANGES_PER_SECOND = 5;

/** From now on the store changes by itself, and its webhooks go wrong. Answers with what a person should know. */
export async function comeAlive(shop: SimulatedShop): Promise<string> {
  await shop.setFaults({ webhooks: FAULTS });
  await shop.live(LIVE_CHANGES_PER_SECOND);
  const faults = Object.entries(FAULTS).map(([name, chance]) => `${chance * 100} % ${name}`);
  return `The store lives: ${LIVE_CHANGES_PER_SECOND} changes a second. Of its webhooks are ${faults.join(', ')}.`;
}

/** How the clock of the demonstration differs from production's, for the screen. */
export const CLOCKWORK = [
  `Faster than in production: SETTLE ${Number(SHORTENED.SETTLE_MS) / 1_000} s, not 30 s; OVERLAP ${Number(SHORTENED.OVERLAP_MS) / 1_000} s, not 15 min;`,
  'a sweep every 20 s, not 1 to 4 h; a census every minute, not every night.',
];
