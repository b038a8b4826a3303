import { inspect } from 'node:util';

/** A text that is never printed: not by a log, JSON, a template or an error that carries it (R12). */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** For the one line that sends it or signs with it. */
  reveal(): string {
    return this.#text;
  }
  equals(other: Secret): boolean {
    return this.#text === other.#text;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** The id and secret of an app, as Shopify's Dev Dashboard shows them. */
export interface AppKeys {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/**
 * How a store lets us in: a static Admin API token; an app of the same organisation, which is granted a token for
 * 24 hours; or an app that a merchant installed, whose one-hour token is renewed by a refresh token that changes
 * at each use.
 */
export type AdminCredentials =
  | { readonly kind: 'token'; readonly accessToken: Secret }
  | ({ readonly kind: 'client' } & AppKeys)
  | ({ readonly kind: 'offline' } & AppKeys);

/**
 * Where a store's credentials come from. The database holds only the name; the value is read when needed and
 * again when Shopify refuses it (a rotated secret must not need a restart).
 */
export interface Credentials {
  readonly admin: AdminCredentials;
  /** Current and previous secret that sign webhooks: Shopify signs with the oldest one not yet revoked. */
  readonly webhookSecrets: readonly Secret[];
}

/** What changes with each renewal of an expiring offline token. Times are this machine's, milliseconds since 1970. */
export interface OfflineTokens {
  readonly accessToken: Secret;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly refreshToken: Secret;
  readonly refreshExpiresAt: number;
}

/** Every failure is a `NeedsAttention` that says what to configure, or a `Transient`; none quotes a value. */
export interface Secrets {
  /** From memory for ten minutes. */
  read(secretName: string): Promise<Credentials>;
  /**
   * After a 401 or a signature that does not match: read at once, but at most once a minute for each name, so that
   * forged signatures cannot hammer the vault. Answers the very object of the last `read` when nothing was read.
   */
  readAgain(secretName: string): Promise<Credentials>;
  /** As they stand now, never from memory; null before the app was installed. */
  readTokens(secretName: string): Promise<OfflineTokens | null>;
  /** Resolves only when they are durable: until then the new access token must not be used. */
  writeTokens(secretName: string, tokens: OfflineTokens): Promise<void>;
}
