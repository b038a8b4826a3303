import type { TopicQuality } from './delivery-quality.ts';
import type { Denial } from './denial.ts';
import type { EntityName } from './entities/registry.ts';
import type { GapCause } from './gap.ts';
import type { Lacking } from './lack.ts';
import type { PrivacyBacklog } from './privacy-request.ts';

/** A store is one Shopify shop: the tenant, and the first column of every key. */
export interface Store {
  readonly id: number;
  /** `something.myshopify.com` */
  readonly domain: string;
  readonly name: string;
  /** Decimal id of the shop; null until the first successful answer told it. Every refresh compares it (R10). */
  readonly shopId: string | null;
  readonly active: boolean;
  /** Why it is not active; null while it is. */
  readonly rest: Rest | null;
  /** Its credentials were refused when they were last tried, and once only: no proof yet that the app is gone. */
  readonly refused: boolean;
  /** Deliveries that came while it rested: nothing became of them but this count. */
  readonly unheard: number;
  /** What its shop was called before. Deliveries may still name it so. */
  readonly formerDomains: readonly string[];
  /** Name under which the credentials are found; never the credentials. */
  readonly secretName: string;
  readonly settings: StoreSettings;
}

/**
 *     unreached ──Shopify says who it is──▶ active ──refused twice──▶ disconnected ──credentials work──▶ active
 *                                             └──an operator──▶ paused ──an operator──▶ disconnected
 *
 * A disconnected store is looked at again for ever and resumes by itself. One that is paused is resumed by nobody but an
 * operator, whatever else happens to it.
 */
export interface Rest {
  readonly why: 'unreached' | 'disconnected' | 'paused';
  /** For people to read: the database's clock, which is compared with no other. */
  readonly since: number;
  /** How often its credentials were tried since, in vain. */
  readonly looks: number;
}

export interface StoreSettings {
  /** Access scopes granted to the app when last asked; empty until then. */
  readonly scopes: readonly string[];
  /** Shopify's time of the request that told them; 0 until then. */
  readonly scopesReadAt: number;
  /** `Type.field` of the newer fields that the shop's schema has (`since` in entities/column.ts). */
  readonly fields: readonly string[];
  /** Why the store cannot be read at present, in words for the operator; null when all is well. */
  readonly attention: string | null;
  /** By `Table.Column`: what speaks for it that Shopify denies the field to this app in every object (R9). */
  readonly denied: Readonly<Record<string, Denial>>;
  /** By entity: how many content censuses scopes that came back have made necessary, and how many of them were enqueued. */
  readonly contentOwed: Readonly<Record<string, number>>;
  readonly contentPaid: Readonly<Record<string, number>>;
  /**
   * What is wrong with the names of its shop: a second name in the configuration, a second row. Null when all is well.
   * Reading the store neither finds nor mends it. `about`: the configured name that is one too many, or its own.
   */
  readonly identity: { readonly about: string; readonly says: string } | null;
  /** When all wanted webhook subscriptions were last found standing, or put up; null if never. */
  readonly subscribedAt: number | null;
  /** Wanted topics that Shopify would not subscribe when last asked: they cost freshness, not truth. */
  readonly refusedTopics: readonly string[];
  /** The Admin API version that webhooks came in, if not ours, and when that was last seen. */
  readonly otherVersion: { readonly version: string; readonly at: number } | null;
  /** The version that Shopify's own answers came in, if not ours, and when that was last noted. */
  readonly answersVersion: { readonly version: string; readonly at: number } | null;
  /** When a look through an entity that a cut webhook body owed is or was due, by `orders/sweep`. */
  readonly owed: Readonly<Record<string, number>>;
  /** Entities for which R10's brake holds: more looks deleted than is plausible. */
  readonly brakeHeld: readonly string[];
  /** Entities whose burials an operator has released from R10's brake, and until when (milliseconds since 1970). */
  readonly brakeReleased: Readonly<Record<string, number>>;
}

/** What has to be known of a store to ask Shopify for it. While it has no row its id is 0. */
export type Addressed = Pick<Store, 'id' | 'domain' | 'secretName' | 'refused'>;

/** A store to be created, renamed or woken. */
export interface Activation {
  readonly domain: string;
  readonly secretName: string;
  /** Who it is, as Shopify has just said. Without it the name alone decides. */
  readonly shopId?: string;
  /** Other names of stores in the configuration: a store that has one of them is not renamed. */
  readonly rivals?: readonly string[];
}

/** What Shopify says of the shop itself. */
export interface ShopFacts {
  readonly shopId: string;
  readonly name: string;
  readonly domain: string;
  readonly currency: string;
  readonly ianaTimezone: string;
  readonly plan: string;
  readonly scopes: readonly string[];
  /** Shopify's time of the request that was answered so. */
  readonly sentAt: number;
}

export interface StoreStatus {
  /** Live rows per mirror table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly marksWaiting: number;
  readonly marksHeld: number;
  readonly gapsFound: number;
  readonly gapsHealed: number;
  /** Healed gaps by their cause; those that are still to be judged have none. */
  readonly gapCauses: Readonly<Partial<Record<GapCause, number>>>;
  readonly rejects: number;
  /** Columns that live rows lack, of all entities, by name (R9). */
  readonly lacking: readonly Lacking[];
  readonly points: number;
  /** Milliseconds from Shopify's trigger to the committed row, over the latest 10,000 refreshed deliveries. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly deliveries: number;
  /** What each topic's webhooks were worth in the latest day. */
  readonly topics: readonly TopicQuality[];
  /** For entities whose history is cut off: nothing created before this was ever shown to the app. */
  readonly coverageFrom: Readonly<Partial<Record<EntityName, number>>>;
  readonly privacy: PrivacyBacklog;
}
