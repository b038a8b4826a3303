/**
 * Where a store's credentials come from. The database holds only the name; the value is read when needed and
 * again when Shopify refuses it (a rotated secret must not need a restart).
 */
export interface Credentials {
  /** A static Admin API token, or an app of the Dev Dashboard that is granted a 24-hour token. */
  readonly admin:
    | { readonly kind: 'token'; readonly accessToken: string }
    | { readonly kind: 'client'; readonly clientId: string; readonly clientSecret: string };
  /** Current and previous secret that sign webhooks: Shopify signs with the oldest one not yet revoked. */
  readonly webhookSecrets: readonly string[];
}

export interface Secrets {
  /** Throws `Reject` when the name is unknown, with what to configure. */
  read(secretName: string): Promise<Credentials>;
}
