import { z } from 'zod';
import { DEFAULT_TIMING, type Timing } from './clock.ts';
import { secretText, storesOf } from './configured-stores.ts';
import { type DatabaseAddress, parseDatabaseAddress } from './database-address.ts';
import { Reject } from './failures.ts';
import { LANGUAGES, type Language } from './log/message.ts';
import { operatorSettings } from './operator-settings.ts';
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
  /** Where change events go; null: nowhere. */
  readonly eventTopic: EventTopicConfig | null;
  readonly timing: Timing;
  readonly storesAtOnce: number;
  readonly port: number;
  /** Null: the door's own, Japanese in Azure and English on a terminal. */
  readonly logLanguage: Language | null;
  readonly logFormat: 'text' | 'json';
  readonly telemetry: TelemetryConfig;
  /** The vault with the secrets of stores; null when the environment holds them all. */
  readonly keyVaultUrl: string | null;
  /** Who we are to Azure, as its platform says it in the environment. */
  readonly identity: { readonly isManaged: boolean; readonly clientId: string | null };
  /** Hashes erased people; null: nobody can be erased. */
  readonly privacyKey: Secret | null;
  /** Directory for what is held of a customer who asks for it; null: nobody can be answered. */
  readonly exportDir: string | null;
}

/** Where measurements, spans and log lines are exported to. */
export interface TelemetryConfig {
  /** Of Application Insights; null exports nothing. It is no secret: who has it may only add. */
  readonly connectionString: string | null;
  /** The managed identity that publishes, where the resource takes no keys; `clientId` of a user-assigned one. */
  readonly identity: { readonly clientId: string | null } | null;
}

/** Without a key the app's managed identity opens the topic. */
export interface EventTopicConfig {
  readonly endpoint: string;
  readonly key: Secret | null;
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

const isVault = (text: string): boolean => URL.canParse(text) && text.startsWith('https://');

const databaseUrl = z
  .string()
  .default('sqlite:.driftless/driftless.db')
  .transform((url, context): DatabaseAddress => {
    const parsed = parseDatabaseAddress(url.trim());
    if ('address' in parsed) return parsed.address;
    for (const message of parsed.problems) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A key or token is never sent in the clear, except to this machine. */
const isSafe = (text: string): boolean =>
  URL.canParse(text) && /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/])/.test(text);

const settings = z.object({
  DATABASE_URL: databaseUrl,
  SHOPIFY_ORIGIN: z
    .string()
    .refine(isHttp, 'is no URL such as https://{shop}')
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://{shop}'),
  WEBHOOK_URL: z.string().refine(isHttp, 'is no URL such as https://example.com').optional(),
  EVENT_GRID_TOPIC_ENDPOINT: z
    .string()
    .refine(isSafe, 'is no URL such as https://<topic>.<region>-1.eventgrid.azure.net/api/events')
    .optional(),
  SETTLE_MS: whole(DEFAULT_TIMING.settleMs, 100, 600_000),
  OVERLAP_MS: whole(DEFAULT_TIMING.overlapMs, 100, 7 * 24 * 3_600_000),
  STORES_AT_ONCE: whole(3, 1, 100),
  PORT: whole(7071, 0, 65_535),
  LOG_LANGUAGE: z.enum(LANGUAGES, { error: `is none of ${LANGUAGES.join(', ')}` }).optional(),
  LOG_FORMAT: z.enum(['text', 'json'], { error: 'is none of text, json' }).default('text'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .regex(
      /(^|;)\s*InstrumentationKey=[0-9a-f-]{36}/i,
      'has no InstrumentationKey: copy it from the resource',
    )
    .optional(),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .regex(/(^|;)\s*Authorization=AAD\s*(;|$)/i, 'is not Authorization=AAD, with ;ClientId=… or without')
    .optional(),
  KEY_VAULT_URL: z
    .string()
    .refine(isVault, 'is no address of a vault such as https://example.vault.azure.net')
    .optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  IDENTITY_ENDPOINT: z.string().optional(),
  EXPORT_DIR: z.string().optional(),
});

/**
 * An empty variable counts as absent, as in most `.env` files. Throws one `Reject` that names every problem, those with
 * which the door comes too.
 */
export function readConfig(environment: Environment, ofTheDoor: readonly string[] = []): Config {
  const env = withoutEmpty(environment);
  const parsed = settings.safeParse(env);
  const problems = [...ofTheDoor, ...(parsed.success ? [] : problemsOf(parsed.error))];
  problems.push(...operatorSettings(env).problems);
  const stores = storesOf(env, problems);
  const topicKey = secretText(env, 'EVENT_GRID_TOPIC_KEY', problems);
  if (topicKey !== undefined && env['EVENT_GRID_TOPIC_ENDPOINT'] === undefined)
    problems.push(
      'EVENT_GRID_TOPIC_ENDPOINT is missing, and a key for it is there: set it, or remove the key',
    );
  const privacyKey = privacyKeyOf(env, problems);
  if (!parsed.success || problems.length > 0) throw refusal(problems);
  const { data } = parsed;
  return {
    database: data.DATABASE_URL,
    keyVaultUrl: data.KEY_VAULT_URL ?? null,
    identity: {
      isManaged: data.IDENTITY_ENDPOINT !== undefined,
      clientId: data.AZURE_CLIENT_ID ?? null,
    },
    stores: stores.map(({ domain, secretName }) => ({ domain, secretName })),
    credentials: new Map(
      stores.flatMap(({ secretName, credentials }) => (credentials ? [[secretName, credentials]] : [])),
    ),
    shopifyOrigin: data.SHOPIFY_ORIGIN,
    webhookUrl: data.WEBHOOK_URL === undefined ? null : webhookAddress(data.WEBHOOK_URL),
    eventTopic: topicOf(data.EVENT_GRID_TOPIC_ENDPOINT, topicKey),
    timing: { settleMs: data.SETTLE_MS, overlapMs: data.OVERLAP_MS },
    storesAtOnce: data.STORES_AT_ONCE,
    port: data.PORT,
    logLanguage: data.LOG_LANGUAGE ?? null,
    logFormat: data.LOG_FORMAT,
    telemetry: {
      connectionString: data.APPLICATIONINSIGHTS_CONNECTION_STRING ?? null,
      identity: identityOf(data.APPLICATIONINSIGHTS_AUTHENTICATION_STRING),
    },
    privacyKey,
    exportDir: data.EXPORT_DIR ?? null,
  };
}

const identityOf = (authentication: string | undefined): TelemetryConfig['identity'] =>
  authentication === undefined
    ? null
    : { clientId: /(?:^|;)\s*ClientId=([^;]+)/i.exec(authentication)?.[1]?.trim() ?? null };

const PRIVACY_KEY_LENGTH = 32;

function privacyKeyOf(env: Environment, problems: string[]): Secret | null {
  const text = secretText(env, 'PRIVACY_KEY', problems);
  if (text === undefined) return null;
  if (text.length < PRIVACY_KEY_LENGTH)
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

const topicOf = (endpoint: string | undefined, key: string | undefined): EventTopicConfig | null =>
  endpoint === undefined ? null : { endpoint, key: key === undefined ? null : new Secret(key) };

/** The door's own path, unless the URL has one already. */
const webhookAddress = (url: string): string =>
  new URL(url).pathname === '/' ? `${url.replace(/\/$/, '')}/api/webhooks/shopify` : url;
