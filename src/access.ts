/** Who may call the routes of operators. Webhooks have no part in this: Shopify publishes no addresses, and signs. */
export interface Access {
  /** `anonymous` where the platform lets everybody through and `refusal` asks for the person instead. */
  readonly authLevel: 'function' | 'anonymous';
  /** Null for whoever may come in. */
  refusal(headers: { get(name: string): string | null }): Refusal | null;
}

export interface Refusal {
  readonly status: 401 | 403;
  /** What the operator does. */
  readonly reason: string;
}
