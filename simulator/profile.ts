/** What a shop is apart from its objects: who it is, its plan, the app installed in it and what that subscribes to. */

export interface ShopProfile {
  /** gid://shopify/Shop/… */
  readonly id: string;
  /** `something.myshopify.com` */
  readonly domain: string;
  readonly name: string;
  readonly currencyCode: string;
  readonly ianaTimezone: string;
  readonly timezoneOffsetMinutes: number;
  readonly createdAt: number;
}

/** Restore rate in points a second; the bucket holds 20 times as much (facts: Shopify's rate limits). */
export type Plan = 'standard' | 'advanced' | 'plus' | 'enterprise';

/** One app as installed in the shop. */
export interface Installation {
  readonly clientId: string;
  readonly clientSecret: string;
  /** A static Admin API token, or null when only the client-credentials grant is offered. */
  readonly accessToken: string | null;
  readonly scopes: readonly string[];
}

export interface WebhookSubscription {
  readonly __typename: 'WebhookSubscription';
  readonly id: string;
  /** Enum name, e.g. ORDERS_UPDATED. */
  readonly topic: string;
  readonly uri: string;
  readonly name: string | null;
  readonly includeFields: readonly string[];
  readonly filter: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
