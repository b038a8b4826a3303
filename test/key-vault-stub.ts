import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned, trust } from './self-signed.ts';

/**
 * Azure Key Vault and the managed identity endpoint of App Service, as far as the SDKs speak to them, on two ports of
 * this machine: the challenge for a token and secrets with versions by https, and by http the protocol of
 * `IDENTITY_ENDPOINT`.
 */
export interface StoredVersion {
  readonly id: string;
  readonly value: string;
  readonly created: number;
  enabled: boolean;
  exp: number | null;
  nbf: number | null;
}

type Send = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => void;

const sender =
  (response: ServerResponse): Send =>
  (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const CERTIFICATE = selfSigned(Date.now());
trust(CERTIFICATE);

/** Tokens that the identity endpoints of this process gave out: the SDK keeps them for all its clients, for a day. */
const TOKENS: string[] = [];

export class KeyVaultStub {
  readonly #vault: Server;
  readonly #identity: Server;
  readonly secrets = new Map<string, StoredVersion[]>();
  /** `GET /secrets/name/versions`, without the query. */
  readonly requests: string[] = [];
  /** Client ids that it was asked for, null for the system's identity. */
  readonly identities: (string | null)[] = [];
  /** Answers instead of the vault, or of the identity endpoint; null lets it answer itself. */
  vaultStatus: () => number | null = () => null;
  identityStatus: () => number | null = () => null;
  /** Seconds since 1970. */
  now = 1_760_000_000;
  #versions = 0;

  private constructor() {
    const answer = (respond: (request: IncomingMessage, response: ServerResponse) => Promise<void>) => {
      return (request: IncomingMessage, response: ServerResponse) =>
        void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
    };
    this.#vault = createServer(
      CERTIFICATE,
      answer((request, response) => this.#answer(request, response)),
    );
    this.#identity = createHttpServer(answer((request, response) => this.#identify(request, response)));
  }

  static async start(): Promise<KeyVaultStub> {
    const stub = new KeyVaultStub();
    for (const server of [stub.#vault, stub.#identity])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `https://127.0.0.1:${portOf(this.#vault)}`;
  }

  /** What App Service puts into the environment of a process with a managed identity. */
  get environment(): Readonly<Record<string, string>> {
    return {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${portOf(this.#identity)}/msi/token`,
      IDENTITY_HEADER: 'hush-identity-header',
    };
  }

  /** As an operator does it: a new version, a second later than all before. */
  put(name: string, value: unknown): StoredVersion {
    const version: StoredVersion = {
      id: `v${String(++this.#versions).padStart(31, '0')}`,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      created: ++this.now,
      enabled: true,
      exp: null,
      nbf: null,
    };
    this.secrets.set(name, [...(this.secrets.get(name) ?? []), version]);
    return version;
  }

  /** Empty and well again. The SDK keeps the first identity endpoint it has seen: one stub serves a whole file. */
  reset(): void {
    this.secrets.clear();
    this.requests.length = 0;
    this.identities.length = 0;
    this.vaultStatus = () => null;
    this.identityStatus = () => null;
  }

  async close(): Promise<void> {
    for (const server of [this.#vault, this.#identity]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const send = sender(response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const authorization = request.headers.authorization ?? '';
    if (!TOKENS.some((token) => authorization === `Bearer ${token}`)) {
      const tenant = 'https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111';
      const challenge = `Bearer authorization="${tenant}", resource="https://vault.azure.net"`;
      send(401, { error: { code: 'Unauthorized' } }, { 'www-authenticate': challenge });
      return;
    }
    this.requests.push(`${request.method} ${url.pathname.replace(/\/$/, '')}`);
    const status = this.vaultStatus();
    if (status !== null) send(status, { error: { code: 'Refused', message: 'hush' } });
    else this.#serve(request.method ?? '', url, Buffer.concat(chunks).toString(), send);
  }

  async #identify(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const send = sender(response);
    const status = this.identityStatus();
    if (status !== null || request.headers['x-identity-header'] !== 'hush-identity-header') {
      send(status ?? 400, { statusCode: status, message: 'no such identity' });
      return;
    }
    const token = `hush-identity-token-${TOKENS.length}`;
    TOKENS.push(token);
    this.identities.push(url.searchParams.get('client_id'));
    send(200, {
      access_token: token,
      expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
      resource: url.searchParams.get('resource'),
      token_type: 'Bearer',
    });
  }

  #serve(method: string, url: URL, body: string, send: Send): void {
    const [, , name = '', version = ''] = url.pathname.split('/');
    const versions = this.secrets.get(name) ?? [];
    if (method === 'PUT') {
      const { value, attributes } = JSON.parse(body) as { value: string; attributes?: { exp?: number } };
      const made = this.put(name, value);
      made.exp = attributes?.exp ?? null;
      send(200, this.#shown(name, made, true));
      return;
    }
    if (version === 'versions') {
      // In no order that anybody may rely on, and in pages as the vault does it.
      const skip = Number(url.searchParams.get('$skiptoken') ?? 0);
      const page = [...versions].sort((a, b) => (a.id > b.id ? 1 : -1)).slice(skip, skip + 2);
      const next = `${this.url}/secrets/${name}/versions?api-version=7.6&$skiptoken=${skip + 2}`;
      send(200, {
        value: page.map((each) => this.#shown(name, each, false)),
        nextLink: skip + 2 < versions.length ? next : null,
      });
      return;
    }
    const found = version === '' ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (!found) send(404, { error: { code: 'SecretNotFound' } });
    else if (!found.enabled)
      send(403, { error: { code: 'Forbidden', innererror: { code: 'SecretDisabled' } } });
    else send(200, this.#shown(name, found, true));
  }

  #shown(name: string, { id, value, created, enabled, exp, nbf }: StoredVersion, isWhole: boolean): object {
    return {
      id: `${this.url}/secrets/${name}/${id}`,
      ...(isWhole ? { value } : {}),
      attributes: {
        enabled,
        created,
        updated: created,
        ...(exp === null ? {} : { exp }),
        ...(nbf === null ? {} : { nbf }),
      },
    };
  }
}
