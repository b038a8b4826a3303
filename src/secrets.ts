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

/**
 * Where a store's credentials come from. The database holds only the name; the value is read when needed and
 * again when Shopify refuses it (a rotated secret must not need a restart).
 */
export interface Credentials {
  /** A static Admin API token, or an app of the Dev Dashboard that is granted a 24-hour token. */
  readonly admin:
    | { readonly kind: 'token'; readonly accessToken: Secret }
    | { readonly kind: 'client'; readonly clientId: string; readonly clientSecret: Secret };
  /** Current and previous secret that sign webhooks: Shopify signs with the oldest one not yet revoked. */
  readonly webhookSecrets: readonly Secret[];
}

export interface Secrets {
  /** Throws `NeedsAttention` when the name is unknown, with what to configure. */
  read(secretName: string): Promise<Credentials>;
}
