import { z } from 'zod';
import type { EntityName } from './entities/registry.ts';

/**
 * What Shopify's compliance webhooks ask for (docs: privacy law compliance): what is held of a customer, the erasure
 * of a customer, the erasure of a shop. Each is to be done within 30 days, is recorded before it is answered, and
 * ends with a certificate.
 *
 *   waiting ──▶ erasing ──▶ done
 *      │ ╲ the proof or a setting is missing: later again
 *      └──▶ refused (the shop that is to be erased still uses the app)
 */
export const PRIVACY_TOPICS = ['CUSTOMERS_DATA_REQUEST', 'CUSTOMERS_REDACT', 'SHOP_REDACT'] as const;
export type PrivacyTopic = (typeof PRIVACY_TOPICS)[number];

export const isPrivacyTopic = (topic: string): topic is PrivacyTopic =>
  PRIVACY_TOPICS.some((each) => each === topic);

export const PRIVACY_DAYS = 30;
/** From when on an open request needs the operator's attention. */
export const NEAR_MS = 7 * 24 * 3_600_000;

/** Ids of one request that fit a queue message with room to spare; a request with more comes in parts. */
export const ORDERS_PER_PART = 1_000;

const ids = z.array(z.string());

/** What the door makes of a compliance delivery, and whoever asks by hand: ids alone, never what is personal. */
export const privacyAsked = z.object({
  storeId: z.int(),
  topic: z.enum(PRIVACY_TOPICS),
  /** Names the request, by the signature of its body: sent again, under whatever headers, it is the same request. */
  digest: z.string(),
  /** Shopify's id of the shop. It names the store in the certificate when its rows are gone. */
  shopId: z.string().nullable(),
  receivedAt: z.number(),
  customers: ids,
  orders: ids,
  /** The operator vouches that the app is uninstalled, where Shopify cannot be asked any more. */
  vouched: z.boolean(),
});
export type PrivacyAsked = z.output<typeof privacyAsked>;

/** A message of the `privacy` queue: record a request and carry it out, or go on with one that is recorded. */
export const privacyMessage = z.discriminatedUnion('privacy', [
  z.object({
    privacy: z.literal('asked'),
    asked: privacyAsked,
    /** How often recording it has failed: the delay of the next try grows with it. */
    attempt: z.int(),
  }),
  z.object({ privacy: z.literal('work'), requestId: z.int() }),
]);
export type PrivacyMessage = z.output<typeof privacyMessage>;

export type PrivacyState = 'waiting' | 'erasing' | 'done' | 'refused';

export interface PrivacyKeys {
  readonly entity: EntityName;
  readonly ids: readonly string[];
}

/** A request that is to be worked on. */
export interface PrivacyRequest {
  readonly id: number;
  readonly storeId: number;
  readonly shopId: string | null;
  readonly topic: PrivacyTopic;
  readonly state: 'waiting' | 'erasing';
  readonly receivedAt: number;
  readonly dueAt: number;
  /** The keyed hash of the customer, once it was worked on. */
  readonly subject: string | null;
  readonly attempts: number;
  /** What is still to be done: what the request names, and once it is `erasing`, whatever was found beside. */
  readonly keys: readonly PrivacyKeys[];
  readonly vouched: boolean;
  /** For how long the store has been inactive, by the database's clock; null while it is active, or gone. */
  readonly uninstalledForMs: number | null;
}

/** What `suppress` adds. */
export interface Erasing {
  readonly keyName: string;
  /** The keyed hash of the customer. */
  readonly subject: string;
  readonly hashes: readonly string[];
  /** Everything that is to be emptied; null while it is not known yet. */
  readonly erase: readonly PrivacyKeys[] | null;
}

export interface Suppressed {
  /** By hash: since when. */
  readonly erasedAt: ReadonlyMap<string, number>;
  /** The store has suppressions, of whomever. */
  readonly any: boolean;
  /** The store has suppressions that another key hashed: nobody can tell whom they mean. */
  readonly underOtherKeys: boolean;
}

export interface PrivacyEnd {
  readonly state: 'done' | 'refused';
  readonly message: string | null;
  /** A file that was written for it. */
  readonly exportName: string | null;
  /** The keyed hash of the customer. */
  readonly subject: string | null;
  readonly certificate: PrivacyCertificate | null;
}

/** An answer to a data request that is still there. */
export interface HeldExport {
  readonly requestId: number;
  readonly storeId: number;
  readonly subject: string | null;
  readonly name: string;
  /** By the database's clock. */
  readonly heldForMs: number;
}

/** What a request did. Nothing personal: the person is a keyed hash, the store Shopify's number of it. */
export interface PrivacyCertificate {
  readonly topic: PrivacyTopic;
  readonly shopId: string | null;
  readonly subject: string | null;
  readonly receivedAt: string;
  readonly completedAt: string;
  /** Rows by table that were emptied of what is personal, or deleted with their store, or exported. */
  readonly rows: Readonly<Record<string, number>>;
  /** Files with what was held: written for a data request, removed by an erasure. */
  readonly exports: readonly string[];
}

/** A request as the operator sees it. */
export interface PrivacyStanding {
  readonly id: number;
  readonly storeId: number;
  readonly topic: PrivacyTopic;
  readonly state: PrivacyState;
  readonly receivedAt: number;
  readonly dueAt: number;
  readonly completedAt: number | null;
  /** Why it is not done yet, or what to do with what was written. */
  readonly message: string | null;
  readonly certificate: PrivacyCertificate | null;
}

/** What is open of a store, for its status. */
export interface PrivacyBacklog {
  readonly open: number;
  readonly nextDueAt: number | null;
  /** Requests that were refused and would be due still. */
  readonly refused: number;
  /** Of the one that is due next, or was refused last. */
  readonly message: string | null;
}

/** What the operator has to see to: a request that lacks something, was refused, or is due within days. */
export function privacyAttention(backlog: PrivacyBacklog, now: number): readonly string[] {
  const { open, nextDueAt, refused, message } = backlog;
  const isNear = nextDueAt !== null && nextDueAt - now < NEAR_MS;
  if (!isNear && message === null) return [];
  const due = nextDueAt === null ? '' : `, due by ${new Date(nextDueAt).toISOString().slice(0, 10)}`;
  const count = open > 0 ? `${open} privacy request(s) open${due}` : `${refused} privacy request(s) refused`;
  return [message === null ? count : `${count}: ${message}`];
}
