import { z } from 'zod';
import { DEFAULT_TIMING, type Timing } from './clock.ts';
import { type DatabaseAddress, parseDatabaseAddress } from './database-address.ts';
import { ENTITY_NAMES } from './entities/registry.ts';
import { Reject } from './failures.ts';
import { type Credentials, Secret } from './secrets.ts';

/**
 * From the environment to one complete, typed configuration. Every problem is reported at once, each with its fix.
 * Only a door reads `process.env`; secrets never print.
 */
export interface Config {
  readonly database: DatabaseAddress;
  /** Stores named by the environment, with where their credentials stand. */
  readonly stores: readonly { readonly domain: string; readonly secretName: string }[];
  readonly credentials: ReadonlyMap<string, Credentials>;
  /** `{shop}` stands for the store's domain. */
  readonly shopifyOrigin: string;
  readonly webhookUrl: string | null;
  readonly timing: Timing;
  readonly storesAtOnce: number;
  readonly port: number;
  /** Hashes erased people; null: nobody can be erased. */
  readonly privacyKey: Secret | null;
  /** Directory for what is held of a customer who asks for it; null: nobody can be answered. */
  readonly exportDir: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const whole = (fallback: number, least: number, most: number) =>
  z
    .string()
    .transform(Number)
    .refine(
      (n) => Number.isInteger(n) && n >= least && n <= most,
      `is no whole number from ${least} to ${most}`,
    )
    .default(fallback);

const isHttp = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text.replace('{shop}', 'x'));

const databaseUrl = z
  .string()
  .default('sqlite:.driftless/driftless.db')
  .transform((url, context): DatabaseAddress => {
    const parsed = parseDatabaseAddress(url.trim());
    if ('address' in parsed) return parsed.address;
    for (const message of parsed.problems) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const settings = z.object({
  DATABASE_URL: databaseUrl,
  SHOPIFY_ORIGIN: z
    .string()
    .refine(isHttp, 'is no URL such as https://{shop}')
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://{shop}'),
  WEBHOOK_URL: z.string().refine(isHttp, 'is no URL such as https://example.com').optional(),
  SETTLE_MS: whole(DEFAULT_TIMING.settleMs, 100, 600_000),
  OVERLAP_MS: whole(DEFAULT_TIMING.overlapMs, 100, 7 * 24 * 3_600_000),
  STORES_AT_ONCE: whole(3, 1, 100),
  PORT: whole(7071, 0, 65_535),
  EXPORT_DIR: z.string().optional(),
});

const DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** An empty variable counts as absent, as in most `.env` files. Throws one `Reject` that names every problem. */
export function readConfig(environment: Environment): Config {
  const env = withoutEmpty(environment);
  const parsed = settings.safeParse(env);
  const problems = parsed.success ? [] : problemsOf(parsed.error);
  const stores = storesOf(env, problems);
  const privacyKey = privacyKeyOf(env, problems);
  if (!parsed.success || problems.length > 0) throw refusal(problems);
  const { data } = parsed;
  return {
    database: data.DATABASE_URL,
    stores: stores.map(({ domain, secretName }) => ({ domain, secretName })),
    credentials: new Map(stores.map(({ secretName, credentials }) => [secretName, credentials])),
    shopifyOrigin: data.SHOPIFY_ORIGIN,
    webhookUrl: data.WEBHOOK_URL === undefined ? null : webhookAddress(data.WEBHOOK_URL),
    timing: { settleMs: data.SETTLE_MS, overlapMs: data.OVERLAP_MS },
    storesAtOnce: data.STORES_AT_ONCE,
    port: data.PORT,
    privacyKey,
    exportDir: data.EXPORT_DIR ?? null,
  };
}

const PRIVACY_KEY_LENGTH = 32;

function privacyKeyOf(env: Environment, problems: string[]): Secret | null {
  const text = secretText(env, 'PRIVACY_KEY', problems);
  if (text === undefined) return null;
  // Azure leaves a reference as it stands when it cannot resolve it: as a key it would be one that everybody knows.
  if (text.startsWith('@Microsoft.KeyVault('))
    problems.push(
      'PRIVACY_KEY is a reference that was not resolved: let the app read the secret in the vault',
    );
  else if (text.length < PRIVACY_KEY_LENGTH)
    problems.push(
      `PRIVACY_KEY has fewer than ${PRIVACY_KEY_LENGTH} characters: make one with "openssl rand -base64 32", keep it for ever`,
    );
  return new Secret(text);
}

/** The database alone, for whoever needs nothing else of the configuration. */
export function readDatabaseAddress(environment: Environment): DatabaseAddress {
  const parsed = settings.pick({ DATABASE_URL: true }).safeParse(withoutEmpty(environment));
  if (!parsed.success) throw refusal(problemsOf(parsed.error));
  return parsed.data.DATABASE_URL;
}

const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));

const problemsOf = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);

const refusal = (problems: readonly string[]): Reject =>
  new Reject(
    `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
  );

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
  const prefixes = prefixesOf(env, 'SHOP');
  for (const prefix of new Set(prefixesOf(env, CREDENTIALS)))
    if (!prefixes.includes(prefix))
      problems.push(`${prefix}_SHOP is missing, and credentials for it are there: set it, or remove them`);
  const named = new Map<string, string>();
  const stores = prefixes.flatMap((prefix) => {
    const domain = env[`${prefix}_SHOP`]!.trim().toLowerCase();
    const other = named.get(domain);
    if (!DOMAIN.test(domain))
      problems.push(`${prefix}_SHOP is no shop domain: it looks like example.myshopify.com`);
    else if (other !== undefined)
      problems.push(`${prefix}_SHOP is the store of ${other}_SHOP: remove one of the two`);
    named.set(domain, prefix);
    const credentials = credentialsOf(env, prefix, problems);
    return credentials === null ? [] : [{ domain, secretName: `env:${prefix}`, credentials }];
  });
  if (stores.length > 1 && env['SHOPIFY_ORIGIN']?.includes('{shop}') === false)
    problems.push('SHOPIFY_ORIGIN is one address for several stores: write {shop} where the domain belongs');
  return stores;
}

const CREDENTIALS = 'CLIENT_ID|CLIENT_SECRET|ACCESS_TOKEN|WEBHOOK_SECRET|WEBHOOK_SECRET_PREVIOUS';

const prefixesOf = (env: Environment, ending: string): readonly string[] =>
  Object.keys(env)
    .map((name) => new RegExp(`^(SHOPIFY(?:_\\d+)?)_(?:${ending})$`).exec(name)?.[1])
    .filter((prefix) => prefix !== undefined);

function credentialsOf(env: Environment, prefix: string, problems: string[]): Credentials | null {
  const text = (ending: string) => secretText(env, `${prefix}_${ending}`, problems);
  const clientId = text('CLIENT_ID');
  const clientSecret = text('CLIENT_SECRET');
  const accessToken = text('ACCESS_TOKEN');
  const webhookSecrets = [text('WEBHOOK_SECRET') ?? clientSecret, text('WEBHOOK_SECRET_PREVIOUS')]
    .filter((secret) => secret !== undefined)
    .map((secret) => new Secret(secret));
  if (webhookSecrets.length === 0 && env['WEBHOOK_URL'] !== undefined)
    problems.push(
      `${prefix}_WEBHOOK_SECRET is missing: with WEBHOOK_URL, set the secret that signs webhooks`,
    );
  if (accessToken !== undefined)
    return { admin: { kind: 'token', accessToken: new Secret(accessToken) }, webhookSecrets };
  if (clientId !== undefined && clientSecret !== undefined)
    return { admin: { kind: 'client', clientId, clientSecret: new Secret(clientSecret) }, webhookSecrets };
  problems.push(
    `${prefix}_SHOP has no credentials: set ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET, or ${prefix}_ACCESS_TOKEN`,
  );
  return null;
}

/** A stray blank or invisible character would end up in a header, and in the error that `fetch` throws for it. */
function secretText(env: Environment, name: string, problems: string[]): string | undefined {
  const text = env[name]?.trim();
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text))
    problems.push(`${name} holds a character that no such secret has: copy it anew`);
  return text;
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
