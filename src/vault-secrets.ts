import type { Monotonic } from './clock.ts';
import { NeedsAttention, Reject } from './failures.ts';
import type { Log } from './log.ts';
import { createRemembered } from './remembered.ts';
import { type AppKeys, type Credentials, Secret, type Secrets } from './secrets.ts';
import type { Vault } from './vault.ts';
import {
  APP_SECRET,
  parseApp,
  parseStore,
  parseTokens,
  type StoreDocument,
  tokensSecretName,
  writtenTokens,
} from './vault-documents.ts';

/** The port to secrets over a vault, and what installing a store needs beside it. */
export interface VaultSecrets extends Secrets {
  /**
   * Keys of the app that merchants install, newest first, one or two versions. Where a store's secret is named, and its
   * document says that it is installed by an app of its own, the keys of that one.
   */
  appKeys(secretName?: string): Promise<readonly AppKeys[]>;
  appKeysAgain(secretName?: string): Promise<readonly AppKeys[]>;
  writeStore(secretName: string, document: StoreDocument): Promise<void>;
}

/** A store's own document, and what signs its webhooks if the document says so itself: now and before. */
interface StoreVersions {
  readonly document: StoreDocument;
  readonly webhookSecrets: readonly Secret[];
}

export function createVaultSecrets(deps: {
  readonly vault: Vault;
  readonly monotonic: Monotonic;
  readonly log: Log;
}): VaultSecrets {
  const { vault, monotonic } = deps;
  const onKept = (name: string, { message }: Error) =>
    deps.log('secretKept', { Secret: name, Cause: message });
  const stores = createRemembered({ monotonic, onKept, read: (name) => storeIn(vault, name) });
  const apps = createRemembered({ monotonic, onKept, read: (name) => appKeysIn(vault, name) });
  const composed = createComposition();

  const credentials = async (secretName: string, how: 'get' | 'again'): Promise<Credentials> => {
    const store = await stores[how](secretName);
    const app = appOf(store.document);
    return composed(secretName, store, app === null ? [] : await apps[how](app));
  };
  const appKeys = async (secretName: string | undefined, how: 'get' | 'again') => {
    const store = secretName === undefined ? null : await stores[how](secretName).catch(nullIfUnsound);
    if (store?.document.kind !== 'offline') return await apps[how](APP_SECRET);
    const { clientId, app } = store.document;
    if (clientId === undefined) return await apps[how](app ?? APP_SECRET);
    return store.webhookSecrets.map((clientSecret): AppKeys => ({ clientId, clientSecret }));
  };
  return {
    read: (secretName) => credentials(secretName, 'get'),
    readAgain: (secretName) => credentials(secretName, 'again'),
    appKeys: (secretName) => appKeys(secretName, 'get'),
    appKeysAgain: (secretName) => appKeys(secretName, 'again'),
    readTokens: async (secretName) => {
      const name = tokensSecretName(secretName);
      const secret = await vault.read(name);
      return secret === null ? null : parseTokens(name, secret);
    },
    writeTokens: (secretName, tokens) =>
      vault.write(tokensSecretName(secretName), writtenTokens(tokens), {
        expiresAt: tokens.refreshExpiresAt,
      }),
    writeStore: async (secretName, document) => {
      await vault.write(secretName, new Secret(JSON.stringify(document)));
      stores.forget(secretName);
    },
  };
}

async function storeIn(vault: Vault, name: string): Promise<StoreVersions> {
  const [newest, before] = await vault.versions(name);
  if (newest === undefined)
    throw new NeedsAttention(
      `the vault has no secret ${name} that is enabled: write it, docs/secrets.md shows its form, or deactivate the store`,
    );
  const document = parseStore(name, newest);
  const previous = before === undefined ? null : ifSound(() => parseStore(name, before));
  const webhookSecrets = [document, previous].map(ownSecret).filter((secret) => secret !== null);
  return { document, webhookSecrets };
}

async function appKeysIn(vault: Vault, name: string): Promise<readonly AppKeys[]> {
  const [newest, before] = await vault.versions(name);
  if (newest === undefined)
    throw new NeedsAttention(
      `the vault has no secret ${name} that is enabled: write the app's id and secret there as {"clientId":"…","clientSecret":"…"}`,
    );
  const previous = before === undefined ? null : ifSound(() => parseApp(name, before));
  return [parseApp(name, newest), previous]
    .filter((document) => document !== null)
    .map(({ clientId, clientSecret }) => ({ clientId, clientSecret: new Secret(clientSecret) }));
}

/** Credentials of the two parts; the same object as long as the parts are the same, so that a change is seen. */
function createComposition() {
  const made = new Map<string, { store: StoreVersions; app: readonly AppKeys[]; result: Credentials }>();
  const none: readonly AppKeys[] = [];
  return (name: string, store: StoreVersions, found: readonly AppKeys[]): Credentials => {
    const app = found.length === 0 ? none : found;
    const last = made.get(name);
    if (last?.store === store && last.app === app) return last.result;
    const webhookSecrets = [...app.map(({ clientSecret }) => clientSecret), ...store.webhookSecrets];
    const result = { admin: adminOf(store.document, app), webhookSecrets };
    made.set(name, { store, app, result });
    return result;
  };
}

function adminOf(document: StoreDocument, app: readonly AppKeys[]): Credentials['admin'] {
  const { kind } = document;
  if (kind === 'token') return { kind, accessToken: new Secret(document.accessToken) };
  const { clientId, clientSecret } = document;
  if (clientId !== undefined && clientSecret !== undefined)
    return { kind, clientId, clientSecret: new Secret(clientSecret) };
  return { kind, ...app[0]! };
}

/** The secret with the keys that the document leaves to an app; null when it has its own. */
const appOf = (document: StoreDocument): string | null =>
  document.kind === 'token' || document.clientSecret !== undefined ? null : (document.app ?? APP_SECRET);

function ownSecret(document: StoreDocument | null): Secret | null {
  if (document === null) return null;
  const found = document.kind === 'token' ? document.webhookSecret : document.clientSecret;
  return found === undefined ? null : new Secret(found);
}

/** Not there yet, or not to be used: it is no reason to install by another app. */
function nullIfUnsound(error: unknown): null {
  if (error instanceof Reject) return null;
  throw error;
}

/** A version that was broken and has been corrected since is no reason to refuse the correct one. */
function ifSound<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Reject) return null;
    throw error;
  }
}
