import { z } from 'zod';
import { DEFAULT_TIMING, type Timing } from './clock.ts';
import { ENTITY_NAMES } from './entities/registry.ts';
import { Reject } from './failures.ts';
import type { Credentials } from './secrets.ts';

/**
 * From the environment to one complete, typed configuration. Every problem is reported at once, each with its fix.
 * Only a door reads `process.env`; secrets never print.
 */
export interface Config {
  readonly databaseUrl: string;
  /** Stores named by the environment, with where their credentials stand. */
  readonly stores: readonly { readonly domain: string; readonly secretName: string }[];
  readonly credentials: ReadonlyMap<string, Credentials>;
  /** `{shop}` stands for the store's domain. */
  readonly shopifyOrigin: string;
  readonly webhookUrl: string | null;
  readonly timing: Timing;
  readonly storesAtOnce: number;
  readonly port: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const whole = (fallback: number, least: number, most: number) =>
  z.coerce
    .number({ error: 'is no number' })
    .int('is no whole number')
    .min(least, `is less than ${least}`)
    .max(most, `is more than ${most}`)
    .default(fallback);

const settings = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^sqlite:.+/, 'names no database that is built in: use sqlite:<path>, or leave it out')
    .default('sqlite:.driftless/driftless.db'),
  SHOPIFY_ORIGIN: z
    .string()
    .regex(/^https?:\/\/.+/, 'is no URL such as https://{shop}')
    .default('https://{shop}'),
  WEBHOOK_URL: z
    .string()
    .regex(/^https?:\/\/[^/]+/, 'is no URL such as https://example.com')
    .optional(),
  SETTLE_MS: whole(DEFAULT_TIMING.settleMs, 100, 600_000),
  OVERLAP_MS: whole(DEFAULT_TIMING.overlapMs, 100, 7 * 24 * 3_600_000),
  STORES_AT_ONCE: whole(3, 1, 100),
  PORT: whole(7071, 0, 65_535),
});

const DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** An empty variable counts as absent, as in most `.env` files. Throws one `Reject` that names every problem. */
export function readConfig(environment: Environment): Config {
  const env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(env);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  const stores = storesOf(env, problems);
  if (!parsed.success || problems.length > 0)
    throw new Reject(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    stores: stores.map(({ domain, secretName }) => ({ domain, secretName })),
    credentials: new Map(stores.map(({ secretName, credentials }) => [secretName, credentials])),
    shopifyOrigin: data.SHOPIFY_ORIGIN,
    webhookUrl: data.WEBHOOK_URL === undefined ? null : webhookAddress(data.WEBHOOK_URL),
    timing: { settleMs: data.SETTLE_MS, overlapMs: data.OVERLAP_MS },
    storesAtOnce: data.STORES_AT_ONCE,
    port: data.PORT,
  };
}

/** The door's own path, unless the URL has one already. */
const webhookAddress = (url: string): string =>
  new URL(url).pathname === '/' ? `${url.replace(/\/$/, '')}/api/webhooks/shopify` : url;

interface ConfiguredStore {
  readonly domain: string;
  readonly secretName: string;
  readonly credentials: Credentials;
}

/** `SHOPIFY_SHOP` with its credentials, and further stores as `SHOPIFY_2_SHOP`, `SHOPIFY_3_SHOP`, … */
function storesOf(env: Environment, problems: string[]): readonly ConfiguredStore[] {
  const prefixes = Object.keys(env)
    .map((name) => /^(SHOPIFY(?:_\d+)?)_SHOP$/.exec(name)?.[1])
    .filter((prefix) => prefix !== undefined);
  return prefixes.flatMap((prefix) => {
    const domain = env[`${prefix}_SHOP`]!.trim().toLowerCase();
    if (!DOMAIN.test(domain))
      problems.push(`${prefix}_SHOP is no shop domain: it looks like example.myshopify.com`);
    const credentials = credentialsOf(env, prefix, problems);
    return credentials === null ? [] : [{ domain, secretName: `env:${prefix}`, credentials }];
  });
}

function credentialsOf(env: Environment, prefix: string, problems: string[]): Credentials | null {
  const clientId = env[`${prefix}_CLIENT_ID`];
  const clientSecret = env[`${prefix}_CLIENT_SECRET`];
  const accessToken = env[`${prefix}_ACCESS_TOKEN`];
  const webhookSecrets = [
    env[`${prefix}_WEBHOOK_SECRET`] ?? clientSecret,
    env[`${prefix}_WEBHOOK_SECRET_PREVIOUS`],
  ].filter((secret) => secret !== undefined);
  if (accessToken !== undefined) return { admin: { kind: 'token', accessToken }, webhookSecrets };
  if (clientId !== undefined && clientSecret !== undefined)
    return { admin: { kind: 'client', clientId, clientSecret }, webhookSecrets };
  problems.push(
    `${prefix}_SHOP has no credentials: set ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET, or ${prefix}_ACCESS_TOKEN`,
  );
  return null;
}

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

/** The setting that holds an entity's schedule: `orders` → `ORDER_SYNC_CRON`. */
export const scheduleNames = Object.fromEntries(
  ENTITY_NAMES.map((name) => [name, `${name.slice(0, -1).toUpperCase()}_SYNC_CRON`]),
);
