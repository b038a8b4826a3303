/**
 * One simulated shop: its objects, the app installed in it, and the switches by which it lies as the real
 * one does. Everything a test or the control door turns is a plain settable property.
 */
import { OfflineTokens } from './api/offline-tokens.ts';
import { Collection } from './collection.ts';
import type { Customer, Kind, Kinds, Order, Product } from './model.ts';
import type { Installation, Plan, ShopProfile, WebhookSubscription } from './profile.ts';
import { API_VERSION, type BarcodeFields } from './schema/load.ts';

/** How far the shop's answers are behind the truth. Times in milliseconds. */
export interface Consistency {
  /** Reads by id and unfiltered lists show the shop as it was this long ago. */
  replicaLagMs: number;
  /** `query:` filters find objects where they stood this long ago. */
  indexLagMs: number;
  /** The customers' `updated_at` filter matches whole days in the shop's time zone, as its documentation says. */
  customersByWholeDay: boolean;
  /** Whether an order moves the `updatedAt` of its customer. */
  spendMovesUpdatedAt: boolean;
  /** GIDs that the search index never shows. */
  omitFromIndex: Set<string>;
}

/** Chances (0 to 1) per request of the ways an API call goes wrong. */
export interface ApiFaults {
  /** Answered 502 without being executed. */
  serverError: number;
  /** Answered 429 with `Retry-After: 2`. */
  tooManyRequests: number;
  /** The connection breaks after the request was executed: the caller never learns the answer. */
  abort: number;
  /** A 200 whose body is an HTML page, as a proxy in between sends. */
  garbage: number;
  /** Answered only after `slowMs`. */
  slow: number;
  slowMs: number;
  /** The token of the client-credentials grant stops being valid, whatever its expiry said. */
  tokenRevoked: number;
}

/** Sends webhooks. The other side of the seam is the courier that signs, loses and doubles them. */
export interface ShopCourier {
  announce(topic: string, payload: object): void;
  /** To an address of the app itself, for what no shop subscribes to. */
  notify(topic: string, payload: object, uri: string): void;
  pump(): Promise<void>;
}

export interface ShopOptions {
  readonly domain: string;
  readonly name?: string;
  readonly plan?: Plan;
  readonly currencyCode?: string;
  readonly ianaTimezone?: string;
  readonly timezoneOffsetMinutes?: number;
  readonly installation?: Partial<Installation>;
  /** Which fields its schema has for the barcodes of a variant. */
  readonly barcodes?: BarcodeFields;
  readonly consistency?: Partial<Consistency>;
  readonly faults?: Partial<ApiFaults>;
  /** Ids of 3, 10, 13 and 19 digits, the last above 2^53, instead of the 13 digits of a young shop. */
  readonly mixedIdLengths?: boolean;
  /** When its past ends and its present begins; now, unless the shop is one that was filled before. */
  readonly filledAt?: number;
}

export const DEFAULT_SCOPES = [
  'read_customers',
  'read_customer_merge',
  'read_orders',
  'read_all_orders',
  'read_products',
];

/** Objects younger than this are kept in all their versions, so that a lag can be turned on at any time. */
const HISTORY_MS = 10 * 60_000;

/** A shop is older than anything in it. */
const SHOP_AGE_MS = 5 * 365 * 24 * 60 * 60_000;

/** Where ids go on when `mixedIdLengths` was asked for: a few of each length, the rest long. */
const ID_STEPS = ['450', '8000000100', '7200000000100', '9007199254740993100'];
const IDS_PER_STEP = 250n;

export class Shop {
  readonly profile: ShopProfile;
  readonly clock: () => number;
  readonly filledAt: number;
  plan: Plan;
  installation: Installation;
  /** False once the app was uninstalled: no token works and none is given. See installation.ts. */
  installed = true;
  /** The version of the Admin API that webhooks are made for: the app's setting, whatever version it asks in. */
  webhookVersion = API_VERSION;
  /** Tokens of the client-credentials grant and when they expire. */
  readonly issuedTokens = new Map<string, number>();
  readonly offline: OfflineTokens;
  readonly customers: Collection<Customer>;
  readonly products: Collection<Product>;
  readonly orders: Collection<Order>;
  readonly subscriptions = new Map<string, WebhookSubscription>();
  /** Where the app wants compliance webhooks; where its other webhooks go, unless it says otherwise. */
  appUri: string | null = null;
  consistency: Consistency;
  barcodes: BarcodeFields;
  /** `Customer.firstName`, `CustomerEmailAddress.emailAddress`, …: answered null with ACCESS_DENIED. */
  readonly withheld = new Set<string>();
  faults: ApiFaults;
  /** Whoever sends the webhooks takes the place of this silent one. */
  courier: ShopCourier = { announce() {}, notify() {}, async pump() {} };
  readonly #collections: { readonly [K in Kind]: Collection<Kinds[K]> };
  #idsDrawn = 0;
  #nextId: bigint;
  #idsLeftInStep: bigint;
  #stepsAhead: readonly string[];

  constructor(options: ShopOptions, clock: () => number, shopNumber: number) {
    this.clock = clock;
    this.offline = new OfflineTokens(clock);
    this.filledAt = options.filledAt ?? clock();
    this.profile = profileOf(options, this.filledAt - SHOP_AGE_MS, shopNumber);
    this.plan = options.plan ?? 'standard';
    this.installation = installationOf(options, shopNumber);
    this.barcodes = options.barcodes ?? 'single';
    this.consistency = { ...honest(), ...options.consistency };
    this.faults = { ...healthy(), ...options.faults };
    const history = () => Math.max(HISTORY_MS, this.consistency.replicaLagMs, this.consistency.indexLagMs);
    this.customers = new Collection<Customer>(clock, history);
    this.products = new Collection<Product>(clock, history, partsOfProduct);
    this.orders = new Collection<Order>(clock, history, partsOfOrder);
    this.#collections = { customers: this.customers, products: this.products, orders: this.orders };
    const steps = options.mixedIdLengths ? ID_STEPS : [`72${String(shopNumber).padStart(3, '0')}00000001`];
    this.#nextId = BigInt(steps[0]!);
    this.#stepsAhead = steps.slice(1);
    this.#idsLeftInStep = IDS_PER_STEP;
  }

  collection<K extends Kind>(kind: K): Collection<Kinds[K]> {
    return this.#collections[kind];
  }

  /** How many ids were given out: where a shop stands, in one number. */
  get idsDrawn(): number {
    return this.#idsDrawn;
  }

  /** A fresh decimal id, greater than every one before. */
  nextId(): string {
    const id = this.#nextId;
    this.#idsDrawn += 1;
    this.#idsLeftInStep -= 1n;
    const [step, ...ahead] = this.#stepsAhead;
    if (this.#idsLeftInStep <= 0n && step !== undefined) {
      this.#nextId = BigInt(step);
      this.#stepsAhead = ahead;
      this.#idsLeftInStep = IDS_PER_STEP;
    } else {
      this.#nextId = id + 1n;
    }
    return String(id);
  }
}

function* partsOfProduct({ variants }: Product): Generator<string> {
  for (const { id, inventoryItem } of variants) {
    yield id;
    yield inventoryItem.id;
  }
}

function* partsOfOrder({ refunds }: Order): Generator<string> {
  for (const { id } of refunds) yield id;
}

function profileOf(options: ShopOptions, createdAt: number, shopNumber: number): ShopProfile {
  return {
    id: `gid://shopify/Shop/${60_000_000_000 + shopNumber}`,
    domain: options.domain,
    name: options.name ?? options.domain.replace('.myshopify.com', ''),
    currencyCode: options.currencyCode ?? 'EUR',
    ianaTimezone: options.ianaTimezone ?? 'Etc/UTC',
    timezoneOffsetMinutes: options.timezoneOffsetMinutes ?? 0,
    createdAt,
  };
}

function installationOf({ installation }: ShopOptions, shopNumber: number): Installation {
  return {
    clientId: `client-${shopNumber}`,
    clientSecret: `secret-of-shop-${shopNumber}`,
    accessToken: `shpat_${String(shopNumber).padStart(8, '0')}`,
    scopes: DEFAULT_SCOPES,
    ...installation,
  };
}

const honest = (): Consistency => ({
  replicaLagMs: 0,
  indexLagMs: 0,
  customersByWholeDay: false,
  spendMovesUpdatedAt: false,
  omitFromIndex: new Set(),
});

const healthy = (): ApiFaults => ({
  serverError: 0,
  tooManyRequests: 0,
  abort: 0,
  garbage: 0,
  slow: 0,
  slowMs: 8000,
  tokenRevoked: 0,
});
