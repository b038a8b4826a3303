import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Reject } from '../src/failures.ts';
import { SCHEDULES, schedulesOf, sweepSetting } from '../src/schedules.ts';
import { Secret } from '../src/secrets.ts';

/** From the environment to a configuration: every problem at once, each with its fix, and no secret in any text. */

const store = {
  SHOPIFY_SHOP: 'demo.myshopify.com',
  SHOPIFY_CLIENT_ID: 'the-id',
  SHOPIFY_CLIENT_SECRET: 'hush-client',
};

/** The problems, one a line, as an operator reads them. */
function problemsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(Reject);
    const [head, ...lines] = (error as Reject).message.split('\n');
    expect(head).toBe(`The configuration has ${lines.length} problem(s):`);
    return lines.map((line) => line.replace('  - ', ''));
  }
}

describe('what is right', () => {
  test('nothing at all: no stores, and defaults for everything', () => {
    expect(readConfig({})).toMatchObject({ stores: [], webhookUrl: null, port: 7071, storesAtOnce: 3 });
  });

  test('empty variables, as in most .env files, count as absent', () => {
    expect(problemsOf({ SHOPIFY_SHOP: '', SHOPIFY_ACCESS_TOKEN: '', PORT: '', WEBHOOK_URL: '' })).toEqual([]);
  });

  test('stores with either kind of credentials, spelled as people do', () => {
    const config = readConfig({
      ...store,
      SHOPIFY_SHOP: ' Demo.MyShopify.com ',
      SHOPIFY_2_SHOP: 'other.myshopify.com',
      SHOPIFY_2_ACCESS_TOKEN: 'shpat_hush\n',
      SHOPIFY_2_WEBHOOK_SECRET: 'hush-now',
      SHOPIFY_2_WEBHOOK_SECRET_PREVIOUS: 'hush-before',
    });
    expect(config.stores).toEqual([
      { domain: 'demo.myshopify.com', secretName: 'env:SHOPIFY' },
      { domain: 'other.myshopify.com', secretName: 'env:SHOPIFY_2' },
    ]);
    const reveal = (name: string) => {
      const { admin, webhookSecrets } = config.credentials.get(name)!;
      const key = admin.kind === 'token' ? admin.accessToken : admin.clientSecret;
      return [key.reveal(), ...webhookSecrets.map((secret) => secret.reveal())];
    };
    expect(reveal('env:SHOPIFY')).toEqual(['hush-client', 'hush-client']);
    expect(reveal('env:SHOPIFY_2')).toEqual(['shpat_hush', 'hush-now', 'hush-before']);
  });

  test('stores whose credentials are in the vault are named after it; those of the environment win', () => {
    const config = readConfig({
      ...store,
      KEY_VAULT_URL: 'https://example.vault.azure.net',
      WEBHOOK_URL: 'https://example.com',
      SHOPIFY_2_SHOP: 'other-one.myshopify.com',
    });
    expect(config.stores).toEqual([
      { domain: 'demo.myshopify.com', secretName: 'env:SHOPIFY' },
      { domain: 'other-one.myshopify.com', secretName: 'shopify-store-other-one' },
    ]);
    expect([...config.credentials.keys()]).toEqual(['env:SHOPIFY']);
    expect(config.keyVaultUrl).toBe('https://example.vault.azure.net');
  });

  test('who it is to Azure, as the platform says it', () => {
    expect(readConfig({}).identity).toEqual({ isManaged: false, clientId: null });
    expect(readConfig({ IDENTITY_ENDPOINT: 'http://x', AZURE_CLIENT_ID: 'id' }).identity).toEqual({
      isManaged: true,
      clientId: 'id',
    });
  });

  test('a webhook URL without a path gets the path of the door, one with a path keeps it', () => {
    const urlOf = (WEBHOOK_URL: string) => readConfig({ ...store, WEBHOOK_URL }).webhookUrl;
    expect(urlOf('https://example.com')).toBe('https://example.com/api/webhooks/shopify');
    expect(urlOf('https://example.com/')).toBe('https://example.com/api/webhooks/shopify');
    expect(urlOf('https://example.com/hooks?code=1')).toBe('https://example.com/hooks?code=1');
  });

  test('telemetry: where to, as whom, and in which language and format', () => {
    expect(readConfig({})).toMatchObject({
      logLanguage: null,
      logFormat: 'text',
      telemetry: { connectionString: null, identity: null },
    });
    const APPLICATIONINSIGHTS_CONNECTION_STRING =
      'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://example.com/';
    const told = { LOG_LANGUAGE: 'en', LOG_FORMAT: 'json', APPLICATIONINSIGHTS_CONNECTION_STRING };
    expect(readConfig(told)).toMatchObject({
      logLanguage: 'en',
      logFormat: 'json',
      telemetry: { connectionString: APPLICATIONINSIGHTS_CONNECTION_STRING, identity: null },
    });
    const identityOf = (text: string) =>
      readConfig({ APPLICATIONINSIGHTS_AUTHENTICATION_STRING: text }).telemetry.identity;
    expect(identityOf('Authorization=AAD')).toEqual({ clientId: null });
    expect(identityOf('ClientId=abc;Authorization=AAD')).toEqual({ clientId: 'abc' });
  });

  test('an origin may end in a slash', () => {
    expect(readConfig({ SHOPIFY_ORIGIN: 'http://127.0.0.1:9/{shop}//' }).shopifyOrigin).toBe(
      'http://127.0.0.1:9/{shop}',
    );
  });
});

describe('the key of erased people', () => {
  test('is a secret of some length, or none', () => {
    expect(readConfig({}).privacyKey).toBeNull();
    const key = 'hush-hush-hush-hush-hush-hush-hush';
    expect(readConfig({ PRIVACY_KEY: key }).privacyKey?.reveal()).toBe(key);
    expect(inspect(readConfig({ PRIVACY_KEY: key }), { depth: null })).not.toContain('hush');
    expect(problemsOf({ PRIVACY_KEY: 'hush' })).toEqual([
      expect.stringMatching(/^PRIVACY_KEY has fewer than 32 characters: make one with "openssl rand/),
    ]);
  });

  test('is not what Azure leaves of a reference that it could not resolve', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://example.vault.azure.net/secrets/privacy)';
    expect(problemsOf({ PRIVACY_KEY: reference })).toEqual([
      'PRIVACY_KEY is a reference that was not resolved: let the app read the secret in the vault',
    ]);
  });
});

describe('what is wrong is said with its fix', () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'a shop without its domain',
      { ...store, SHOPIFY_SHOP: 'demo' },
      /^SHOPIFY_SHOP .*example.myshopify.com/,
    ],
    [
      'a shop given as an address',
      { ...store, SHOPIFY_SHOP: 'https://demo.myshopify.com/' },
      /^SHOPIFY_SHOP .*looks like/,
    ],
    [
      'no credentials',
      { SHOPIFY_SHOP: 'demo.myshopify.com' },
      /^SHOPIFY_SHOP has no credentials: set SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET, or SHOPIFY_ACCESS_TOKEN/,
    ],
    [
      'half of the credentials',
      { SHOPIFY_3_SHOP: 'demo.myshopify.com', SHOPIFY_3_CLIENT_ID: 'x' },
      /^SHOPIFY_3_SHOP has no credentials: set SHOPIFY_3_CLIENT_ID and/,
    ],
    ['credentials of no store', { SHOPIFY_2_ACCESS_TOKEN: 'x' }, /^SHOPIFY_2_SHOP is missing.*set it/],
    [
      'a store named twice',
      { ...store, SHOPIFY_2_SHOP: 'demo.myshopify.com', SHOPIFY_2_ACCESS_TOKEN: 'x' },
      /^SHOPIFY_2_SHOP is the store of SHOPIFY_SHOP: remove/,
    ],
    [
      'a token with an invisible character',
      { SHOPIFY_SHOP: 'demo.myshopify.com', SHOPIFY_ACCESS_TOKEN: 'shpat_\u200Bhush' },
      /^SHOPIFY_ACCESS_TOKEN holds a character.*copy it anew/,
    ],
    [
      'a secret that Azure could not look up, which anybody could guess',
      { ...store, SHOPIFY_WEBHOOK_SECRET: '@Microsoft.KeyVault(VaultName=example;SecretName=shopify)' },
      /^SHOPIFY_WEBHOOK_SECRET is a reference that was not resolved/,
    ],
    [
      'webhooks that nobody can verify',
      {
        SHOPIFY_SHOP: 'demo.myshopify.com',
        SHOPIFY_ACCESS_TOKEN: 'x',
        WEBHOOK_URL: 'https://example.com',
      },
      /^SHOPIFY_WEBHOOK_SECRET is missing/,
    ],
    [
      'one origin for two stores',
      {
        ...store,
        SHOPIFY_2_SHOP: 'other.myshopify.com',
        SHOPIFY_2_ACCESS_TOKEN: 'x',
        SHOPIFY_ORIGIN: 'http://127.0.0.1:9',
      },
      /^SHOPIFY_ORIGIN .*write \{shop\}/,
    ],
    [
      'an origin that is no URL',
      { SHOPIFY_ORIGIN: 'localhost:9' },
      /^SHOPIFY_ORIGIN .*such as https:\/\/\{shop\}/,
    ],
    ['a webhook URL that is none', { WEBHOOK_URL: 'https://exa mple.com' }, /^WEBHOOK_URL .*such as https:/],
    ['another protocol', { WEBHOOK_URL: 'ftp://example.com' }, /^WEBHOOK_URL .*such as https:/],
    ['an unknown database', { DATABASE_URL: 'postgres://u:hush@h/d' }, /^DATABASE_URL .*use sqlite:<path>/],
    [
      'a vault without encryption',
      { KEY_VAULT_URL: 'http://example.vault.azure.net' },
      /^KEY_VAULT_URL .*such as https:\/\/example.vault.azure.net$/,
    ],
    [
      'a webhook secret alone, though there is a vault',
      {
        KEY_VAULT_URL: 'https://example.vault.azure.net',
        SHOPIFY_SHOP: 'demo.myshopify.com',
        SHOPIFY_WEBHOOK_SECRET: 'x',
      },
      /^SHOPIFY_SHOP has no credentials: .* or KEY_VAULT_URL with a secret for it/,
    ],
    ['a port that is none', { PORT: '70710' }, /^PORT is no whole number from 0 to 65535$/],
    ['a word for a number', { STORES_AT_ONCE: 'many' }, /^STORES_AT_ONCE is no whole number from 1 to 100$/],
    ['a fraction', { SETTLE_MS: '100.5' }, /^SETTLE_MS is no whole number from 100 to 600000$/],
    ['too many zeros', { OVERLAP_MS: '1e99' }, /^OVERLAP_MS is no whole number/],
    ['a language nobody wrote', { LOG_LANGUAGE: 'de' }, /^LOG_LANGUAGE is none of ja, en$/],
    ['a format of no log', { LOG_FORMAT: 'xml' }, /^LOG_FORMAT is none of text, json$/],
    [
      'half of a connection string',
      { APPLICATIONINSIGHTS_CONNECTION_STRING: 'IngestionEndpoint=https://example.com/' },
      /^APPLICATIONINSIGHTS_CONNECTION_STRING has no InstrumentationKey: copy it/,
    ],
    [
      'another kind of identity',
      { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=Basic' },
      /^APPLICATIONINSIGHTS_AUTHENTICATION_STRING is not Authorization=AAD/,
    ],
  ])('%s', (_, environment, says) => {
    expect(problemsOf(environment)).toEqual([expect.stringMatching(says)]);
  });

  test('every problem at once', () => {
    const problems = problemsOf({
      PORT: 'x',
      SETTLE_MS: '1',
      WEBHOOK_URL: 'nonsense',
      SHOPIFY_SHOP: 'x',
      SHOPIFY_2_SHOP: 'other.myshopify.com',
    });
    const names = problems.map((line) => line.split(' ')[0]);
    expect(new Set(names)).toEqual(
      new Set([
        'PORT',
        'SETTLE_MS',
        'WEBHOOK_URL',
        'SHOPIFY_SHOP',
        'SHOPIFY_2_SHOP',
        'SHOPIFY_WEBHOOK_SECRET',
        'SHOPIFY_2_WEBHOOK_SECRET',
      ]),
    );
    expect(problems).toHaveLength(8);
  });
});

describe('R12: a secret', () => {
  const environment = {
    ...store,
    SHOPIFY_WEBHOOK_SECRET: 'hush-webhook',
    SHOPIFY_WEBHOOK_SECRET_PREVIOUS: 'hush-before',
    SHOPIFY_2_SHOP: 'other.myshopify.com',
    SHOPIFY_2_ACCESS_TOKEN: 'shpat_hush',
  };

  test('does not print with the configuration, however that is printed', () => {
    const config = readConfig(environment);
    const { admin, webhookSecrets } = config.credentials.get('env:SHOPIFY')!;
    const printed = [
      inspect(config, { depth: null, showHidden: true }),
      inspect([...config.credentials.values()], { depth: null }),
      JSON.stringify({ config, credentials: [...config.credentials] }),
      JSON.stringify({ admin, webhookSecrets }),
      `${webhookSecrets.join()} ${String(webhookSecrets[0])}`,
      inspect(Object.assign(new Error('broken'), { admin })),
      inspect(structuredClone({ ...webhookSecrets[0] })),
    ].join('\n');
    expect(printed).not.toContain('hush');
    expect(printed).toContain('[secret]');
  });

  test('does not print with a problem about it, nor does any other value', () => {
    const problems = problemsOf({
      ...environment,
      SHOPIFY_SHOP: 'hush-shop',
      SHOPIFY_CLIENT_SECRET: 'hush \u0007',
      SHOPIFY_WEBHOOK_SECRET: 'hush \u0007',
      SHOPIFY_2_ACCESS_TOKEN: 'hush \u0007',
      DATABASE_URL: 'mssql://sa:hush@server',
      PORT: 'hush',
    });
    expect(problems).toHaveLength(6);
    expect(problems.join('\n')).not.toContain('hush');
  });

  test('is told to whoever sends it, and to nobody else', () => {
    expect(new Secret('hush').reveal()).toBe('hush');
    expect(Object.keys(new Secret('hush'))).toEqual([]);
  });
});

test('schedules never fail to be read, each can be set, and every entity has one', () => {
  expect(Object.keys(SCHEDULES)).toEqual(expect.arrayContaining(ENTITY_NAMES.map(sweepSetting)));
  expect(schedulesOf({})).toEqual(SCHEDULES);
  expect(schedulesOf({ ORDER_SYNC_CRON: '', CENSUS_CRON: 'nonsense' })).toEqual({
    ...SCHEDULES,
    CENSUS_CRON: 'nonsense',
  });
});
