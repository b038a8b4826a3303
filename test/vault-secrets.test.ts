import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { NeedsAttention, Transient } from '../src/failures.ts';
import { silent } from '../src/log.ts';
import { type Credentials, Secret } from '../src/secrets.ts';
import { storeSecretName, tokensSecretName } from '../src/vault-documents.ts';
import { createVaultSecrets, type VaultSecrets } from '../src/vault-secrets.ts';
import { MemoryVault } from './memory-vault.ts';
import { sayings } from './said.ts';

/** What stands in the vault for each kind of store, and what becomes of it. */
const NAME = 'shopify-store-demo';
let now: number;
let vault: MemoryVault;
let secrets: VaultSecrets;

beforeEach(() => {
  now = 1_000_000;
  vault = new MemoryVault();
  secrets = createVaultSecrets({ vault, monotonic: () => now, log: silent });
});

/** With its secrets in the open. */
function revealed({ admin, webhookSecrets }: Credentials) {
  const open = Object.entries(admin).map(([field, value]) => [
    field,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return { admin: Object.fromEntries(open), webhookSecrets: webhookSecrets.map((secret) => secret.reveal()) };
}

describe('a store', () => {
  test('with a static token', async () => {
    vault.put(NAME, { kind: 'token', accessToken: 'shpat_1', webhookSecret: 'signs' });
    expect(revealed(await secrets.read(NAME))).toEqual({
      admin: { kind: 'token', accessToken: 'shpat_1' },
      webhookSecrets: ['signs'],
    });
  });

  test.each(['client', 'offline'])('of kind %s with keys of its own', async (kind) => {
    vault.put(NAME, { kind, clientId: 'id', clientSecret: 'own' });
    expect(revealed(await secrets.read(NAME))).toEqual({
      admin: { kind, clientId: 'id', clientSecret: 'own' },
      webhookSecrets: ['own'],
    });
  });

  test.each([
    [{ kind: 'offline' }, 'shopify-app'],
    [{ kind: 'client', app: 'shopify-app-two' }, 'shopify-app-two'],
  ])('with the keys of an app: %j', async (document, app) => {
    vault.put(NAME, document);
    vault.put(app, { clientId: 'id', clientSecret: 'of the app'.replaceAll(' ', '-') });
    expect(revealed(await secrets.read(NAME))).toEqual({
      admin: { kind: document.kind, clientId: 'id', clientSecret: 'of-the-app' },
      webhookSecrets: ['of-the-app'],
    });
  });

  test('keeps its tokens apart, so that their versions are not taken for versions of its keys', () => {
    expect(storeSecretName('demo.myshopify.com')).toBe(NAME);
    expect(tokensSecretName(NAME)).toBe('shopify-tokens-demo');
    const all = ['a', 'tokens-a', 'store-a', 'app'].map((label) => storeSecretName(`${label}.myshopify.com`));
    expect(new Set([...all, ...all.map(tokensSecretName), 'shopify-app']).size).toBe(9);
  });
});

describe('while a secret is rotated', () => {
  const put = (clientSecret: string) => vault.put('shopify-app', { clientId: 'id', clientSecret });
  const webhooks = async () => revealed(await secrets.read(NAME)).webhookSecrets;

  test('the version before the newest still signs webhooks, until it is disabled', async () => {
    vault.put(NAME, { kind: 'offline' });
    for (const each of ['first', 'second', 'third']) put(each);
    expect(await webhooks()).toEqual(['third', 'second']);
    vault.keepNewest('shopify-app', 1);
    now += 10 * 60_000;
    expect(await webhooks()).toEqual(['third']);
  });

  test('the same holds for keys and webhook secrets that a store has of its own', async () => {
    vault.put(NAME, { kind: 'token', accessToken: 'shpat_1', webhookSecret: 'first' });
    vault.put(NAME, { kind: 'token', accessToken: 'shpat_2', webhookSecret: 'second' });
    expect(revealed(await secrets.read(NAME))).toEqual({
      admin: { kind: 'token', accessToken: 'shpat_2' },
      webhookSecrets: ['second', 'first'],
    });
  });

  test('a broken version before the newest is left out; it has been corrected', async () => {
    vault.put(NAME, 'nonsense');
    vault.put(NAME, { kind: 'client', clientId: 'id', clientSecret: 'right' });
    expect(await webhooks()).toEqual(['right']);
  });

  test('readAgain finds the new one at once, for all stores of the app, and is told apart from no change', async () => {
    vault.put(NAME, { kind: 'offline' });
    vault.put('shopify-store-two', { kind: 'offline' });
    put('first');
    const [one, two] = [await secrets.read(NAME), await secrets.read('shopify-store-two')];
    expect(await secrets.readAgain(NAME)).not.toBe(one);
    const before = await secrets.read(NAME);
    expect(await secrets.readAgain(NAME)).toBe(before);
    now += 60_000;
    put('second');
    expect(revealed(await secrets.readAgain(NAME)).webhookSecrets).toEqual(['second', 'first']);
    const found = await secrets.read('shopify-store-two');
    expect(found).not.toBe(two);
    expect(revealed(found).webhookSecrets).toEqual(['second', 'first']);
  });

  test('asked a thousand times within a minute the vault is asked once for each secret', async () => {
    vault.put(NAME, { kind: 'offline' });
    put('first');
    await secrets.read(NAME);
    vault.asked.length = 0;
    for (let n = 0; n < 1_000; n++) {
      await secrets.readAgain(NAME);
      now += 59;
    }
    expect(vault.asked).toEqual(['versions shopify-store-demo', 'versions shopify-app']);
  });
});

describe('tokens', () => {
  const tokens = {
    accessToken: new Secret('shpat_hush'),
    issuedAt: 1,
    expiresAt: 2,
    refreshToken: new Secret('shprt_hush'),
    refreshExpiresAt: 3,
  };

  test('are written and read back, and never remembered', async () => {
    expect(await secrets.readTokens(NAME)).toBeNull();
    await secrets.writeTokens(NAME, tokens);
    const read = await secrets.readTokens(NAME);
    expect(read?.refreshToken.reveal()).toBe('shprt_hush');
    expect({ ...read, accessToken: null, refreshToken: null }).toEqual({
      ...tokens,
      accessToken: null,
      refreshToken: null,
    });
    await secrets.writeTokens(NAME, { ...tokens, refreshToken: new Secret('shprt_next') });
    expect((await secrets.readTokens(NAME))?.refreshToken.reveal()).toBe('shprt_next');
  });
});

describe('what cannot be used needs attention, names its fields and never their content', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'no JSON',
      'shpat_hush',
      /shopify-store-demo cannot be used \(it has other fields, or is no JSON object\)/,
    ],
    ['no object', ['hush'], /no JSON object/],
    ['an unknown kind', { kind: 'hush' }, /wrong or missing: kind\)/],
    ['no token', { kind: 'token' }, /wrong or missing: accessToken\)/],
    ['a token with a line break', { kind: 'token', accessToken: 'shpat_hush\n' }, /missing: accessToken\)/],
    ['half of the keys', { kind: 'client', clientId: 'hush' }, /wrong or missing: clientSecret\)/],
    ['a field that it should not have', { kind: 'token', accessToken: 'x', hush: 'hush' }, /other fields/],
    ['an app whose name is none', { kind: 'offline', app: 'hush hush' }, /wrong or missing: app\)/],
  ])('%s', async (_, document, says) => {
    vault.put(NAME, document);
    const failure = await secrets.read(NAME).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect((failure as Error).message).toMatch(says);
    expect((failure as Error).message).toMatch(/write it anew, docs\/secrets.md shows its form/);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('hush');
  });

  test('a store that is not in the vault, and an app that is not', async () => {
    await expect(secrets.read(NAME)).rejects.toThrow(
      /no secret shopify-store-demo that is enabled: write it/,
    );
    now += 60_000;
    vault.put(NAME, { kind: 'offline' });
    await expect(secrets.read(NAME)).rejects.toThrow(/no secret shopify-app .* \{"clientId":"…"/);
  });

  test('tokens that somebody wrote by hand', async () => {
    vault.put(tokensSecretName(NAME), { accessToken: 'hush' });
    const failure = await secrets.readTokens(NAME).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect((failure as Error).message).toMatch(/shopify-tokens-demo .*issuedAt, expiresAt, refreshToken/);
    expect(inspect(failure, { depth: null })).not.toContain('hush');
  });
});

test('a vault that is away keeps nobody from verifying deliveries with what is known, and that is logged', async () => {
  const said: string[] = [];
  const logged = createVaultSecrets({ vault, monotonic: () => now, log: sayings(said) });
  vault.put(NAME, { kind: 'client', clientId: 'id', clientSecret: 'hush' });
  const known = await logged.read(NAME);
  now += 11 * 60_000;
  vault.failures.push(new Transient('the vault did not answer'));
  expect(await logged.read(NAME)).toBe(known);
  expect(said).toEqual(['warning: shopify-store-demo stays as it was last read: the vault did not answer']);
});
