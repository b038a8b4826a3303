import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { withDatabaseUrl } from '../app/database-url.ts';
import { createKeyVault } from '../app/key-vault.ts';
import { secretsOf, vaultOf } from '../app/secrets.ts';
import { readConfig } from '../src/config.ts';
import { NeedsAttention, Transient, VaultClosed } from '../src/failures.ts';
import { silent } from '../src/log.ts';
import { Secret } from '../src/secrets.ts';
import { KeyVaultStub } from './key-vault-stub.ts';

/** Key Vault by managed identity, over the wire: the SDKs as they are, against a stand-in on this machine. */
let stub: KeyVaultStub;
beforeAll(async () => {
  stub = await KeyVaultStub.start();
  for (const [name, value] of Object.entries(stub.environment)) vi.stubEnv(name, value);
});
afterEach(() => stub.reset());
afterAll(async () => {
  vi.unstubAllEnvs();
  await stub.close();
});

const now = () => stub.now * 1_000;
/** The SDK keeps the token of an identity as long as the process lives: what is about tokens asks for one of its own. */
const vaultFor = (clientId: string | null = null) =>
  createKeyVault({ url: stub.url, identity: { isManaged: true, clientId }, clock: now });
const texts = (secrets: readonly Secret[]) => secrets.map((secret) => secret.reveal());
const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  const failure = await work.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  return failure as Error;
};

describe('a secret', () => {
  test('is read as it stands now, by a token of the managed identity', async () => {
    stub.put('one', 'first');
    stub.put('one', 'second');
    const vault = vaultFor('identity-one');
    expect((await vault.read('one'))?.reveal()).toBe('second');
    expect((await vault.read('one'))?.reveal()).toBe('second');
    expect(stub.identities).toEqual(['identity-one']);
    expect(stub.requests).toEqual(['GET /secrets/one', 'GET /secrets/one']);
  });

  test('is read by the identity of the system when no other is named', async () => {
    stub.put('one', 'first');
    await vaultFor(null).read('one');
    expect(stub.identities).toEqual([null]);
  });

  test('that is not there is null, and has no versions', async () => {
    expect(await vaultFor().read('none')).toBeNull();
    expect(await vaultFor().versions('none')).toEqual([]);
  });

  test('is written as a new version, with the time at which it expires', async () => {
    const vault = vaultFor();
    await vault.write('one', new Secret('first'), { expiresAt: 1_800_000_000_000 });
    await vault.write('one', new Secret('second'));
    expect((await vault.read('one'))?.reveal()).toBe('second');
    expect(stub.secrets.get('one')!.map(({ value, exp }) => [value, exp])).toEqual([
      ['first', 1_800_000_000],
      ['second', null],
    ]);
  });
});

describe('versions', () => {
  test('are the newest and the one before it, out of however many pages', async () => {
    for (let n = 0; n < 7; n++) stub.put('one', `value ${n}`);
    expect(texts(await vaultFor().versions('one'))).toEqual(['value 6', 'value 5']);
  });

  test('that are disabled, expired or not yet valid do not count', async () => {
    const made = ['a', 'b', 'c', 'd', 'e'].map((value) => stub.put('one', value));
    made[4]!.enabled = false;
    made[3]!.exp = stub.now;
    made[1]!.nbf = stub.now + 60;
    await expect(vaultFor().versions('one').then(texts)).resolves.toEqual(['c', 'a']);
  });
});

describe('what goes wrong is said with what to do, and carries no value', () => {
  test.each<[string, number, RegExp]>([
    ['refuses', 403, /refused one \(403\): give this app's identity the role "Key Vault Secrets User"/],
    ['keeps a deleted secret of that name', 409, /deleted secret one \(409\): recover it, or purge it/],
    ['does not take it', 400, /takes no secret one \(400\): check its name and size/],
  ])('the vault %s', async (_, status, says) => {
    stub.vaultStatus = () => status;
    const failure = await failureOf(vaultFor().write('one', new Secret('hush-value')));
    expect(failure).toBeInstanceOf(NeedsAttention);
    expect(failure.message).toMatch(says);
    expect(failure instanceof VaultClosed).toBe(status === 403);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('hush');
  });

  test.each([500, 503, 429])('the vault answers %i: that passes', async (status) => {
    stub.vaultStatus = () => status;
    const failure = await failureOf(vaultFor().write('one', new Secret('hush-value')));
    expect(failure).toBeInstanceOf(Transient);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('hush');
  });

  test('a vault that failed once answers all the same', async () => {
    stub.put('one', 'first');
    let failures = 1;
    stub.vaultStatus = () => (failures-- > 0 ? 503 : null);
    expect((await vaultFor().read('one'))?.reveal()).toBe('first');
  });

  test('nobody answers at the address', async () => {
    const vault = createKeyVault({
      url: 'https://127.0.0.1:9',
      identity: { isManaged: true, clientId: null },
      clock: now,
    });
    const failure = await failureOf(vault.read('one'));
    expect(failure).toBeInstanceOf(Transient);
    expect(failure.message).toMatch(/did not answer \(ECONNREFUSED\)/);
  });

  test('the managed identity gives no token', async () => {
    stub.identityStatus = () => 400;
    const vault = vaultFor('identity-two');
    const failure = await failureOf(vault.read('one'));
    expect(failure).toBeInstanceOf(Transient);
    expect(failure.message).toMatch(/gave no token for the vault: if that lasts, assign one/);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('hush');
    stub.identityStatus = () => null;
    stub.put('one', 'first');
    expect((await vault.read('one'))?.reveal()).toBe('first');
  });

  test('nobody is signed in on a machine without a managed identity', async () => {
    // Pins the chain to one that asks nothing of this machine.
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'EnvironmentCredential');
    const vault = createKeyVault({
      url: stub.url,
      identity: { isManaged: false, clientId: null },
      clock: now,
    });
    const failure = await failureOf(vault.read('one'));
    expect(failure).toBeInstanceOf(VaultClosed);
    expect(failure.message).toMatch(/nobody is signed in .* "az login"/);
  });
});

test('the configuration leads to the vault: stores, their webhook secrets and the database address', async () => {
  const environment = {
    ...stub.environment,
    SHOPIFY_SHOP: 'demo.myshopify.com',
    KEY_VAULT_URL: stub.url,
    DATABASE_URL: 'keyvault:database',
  };
  stub.put('database', 'mssql://user:hush@host/mirror\n');
  stub.put('shopify-app', { clientId: 'id', clientSecret: 'before' });
  stub.put('shopify-app', { clientId: 'id', clientSecret: 'now' });
  stub.put('shopify-store-demo', { kind: 'client' });
  const config = readConfig(await withDatabaseUrl(environment));
  expect(config.database).toMatchObject({ kind: 'mssql', host: 'host', database: 'mirror' });
  expect(inspect(config, { depth: null })).not.toContain('hush');
  const secrets = secretsOf(config, vaultOf(config, now), { monotonic: now, log: silent });
  const { admin, webhookSecrets } = await secrets.read(config.stores[0]!.secretName);
  expect(admin).toMatchObject({ kind: 'client', clientId: 'id' });
  expect(texts(webhookSecrets)).toEqual(['now', 'before']);
});

describe('a database address', () => {
  test('that is in no vault stays as it is', async () => {
    for (const environment of [{}, { DATABASE_URL: 'sqlite:here.db' }, { DATABASE_URL: '' }])
      expect(await withDatabaseUrl(environment)).toBe(environment);
  });

  test.each<[string, string | undefined, RegExp]>([
    ['keyvault:database', undefined, /KEY_VAULT_URL is missing, and DATABASE_URL is in it/],
    ['keyvault:', 'https://vault.test', /names no secret of a vault: use keyvault:/],
    ['keyvault:a/b', 'https://vault.test', /names no secret of a vault/],
  ])('%s with the vault %s is refused', async (DATABASE_URL, KEY_VAULT_URL, says) => {
    await expect(withDatabaseUrl({ DATABASE_URL, KEY_VAULT_URL })).rejects.toThrow(says);
  });

  test('that is not in the vault is said with its name', async () => {
    await expect(withDatabaseUrl({ DATABASE_URL: 'keyvault:database' }, vaultFor())).rejects.toThrow(
      /the vault has no secret database: write the database's address there/,
    );
  });

  test('that is none is refused without being shown', async () => {
    stub.put('database', 'hush://hush');
    const environment = await withDatabaseUrl({ DATABASE_URL: 'keyvault:database' }, vaultFor());
    const failure = await failureOf(Promise.resolve().then(() => readConfig(environment)));
    expect(failure.message).toMatch(/DATABASE_URL names no database that is known/);
    expect(failure.message).not.toContain('hush');
  });
});
