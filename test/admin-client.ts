import type { Shop } from '../simulator/shop.ts';
import { createSimulator, type Simulator } from '../simulator/simulator.ts';
import { type Credentials, Secret } from '../src/secrets.ts';
import { type AdminApi, createAdminApi, WAIT_MAX_MS } from '../src/shopify/admin.ts';
import type { Operation } from '../src/shopify/documents.ts';
import { createPacing } from '../src/shopify/pacing.ts';
import { createShopClock } from '../src/shopify/shop-clock.ts';
import { createTokenSource } from '../src/shopify/token.ts';
import { untold } from '../src/telemetry.ts';

export type Answerer = () => Response | Promise<Response>;

export const DOMAIN = 'demo.myshopify.com';
export const STATIC_TOKEN = 'shpat_hush_static';
const ORIGIN = `http://shopify.test/${DOMAIN}`;

/** One client of the Admin API against a simulated shop, with a clock that moves only when somebody waits. */
export class Client {
  now = Date.parse('2026-11-23T09:00:00Z');
  readonly api: AdminApi;
  readonly shop: Shop;
  readonly simulator: Simulator;
  /** Every wait, in milliseconds. */
  readonly sleeps: number[] = [];
  /** Every request, for data or for a token, with the access token it carried. */
  readonly requests: { readonly path: 'graphql' | 'token'; readonly token: string | null }[] = [];
  /** Answer the next requests of their kind instead of the shop. */
  readonly instead: { graphql: Answerer[]; token: Answerer[] } = { graphql: [], token: [] };
  secretReads = 0;
  credentials: Credentials['admin'] = { kind: 'token', accessToken: new Secret(STATIC_TOKEN) };

  constructor(options: { readonly random?: () => number } = {}) {
    const clock = () => this.now;
    const sleep = async (ms: number) => {
      this.sleeps.push(ms);
      this.now += Math.ceil(ms);
    };
    this.simulator = createSimulator({ clock, sleep });
    const installation = { accessToken: STATIC_TOKEN };
    this.shop = this.simulator.addShop({ domain: DOMAIN, plan: 'standard', installation });
    let credentials: Credentials = { admin: this.credentials, webhookSecrets: [] };
    const read = async () => {
      this.secretReads++;
      if (credentials.admin !== this.credentials)
        credentials = { admin: this.credentials, webhookSecrets: [] };
      return credentials;
    };
    const secrets = { read, readAgain: read, readTokens: async () => null, writeTokens: async () => {} };
    const database = {
      acquireTokenLease: async () => 'lease',
      renewTokenLease: async () => true,
      releaseTokenLease: async () => {},
    };
    const outside = { origin: ORIGIN, clock, monotonic: clock, sleep, fetch: this.#fetch };
    this.api = createAdminApi({
      ...outside,
      telemetry: untold,
      storeId: 1,
      random: options.random ?? (() => 0.5),
      pacing: createPacing({ monotonic: clock, sleep, waitMaxMs: WAIT_MAX_MS }),
      shopClock: createShopClock({ clock, monotonic: clock, onJump: () => {} }),
      tokens: createTokenSource({
        ...outside,
        secrets,
        database,
        secretName: 'env:SHOPIFY',
        domain: DOMAIN,
        storeId: 1,
      }),
    });
  }

  /** From now on the token is one of the client-credentials grant. */
  useGrant(): void {
    const { clientId, clientSecret } = this.shop.installation;
    this.credentials = { kind: 'client', clientId, clientSecret: new Secret(clientSecret) };
  }

  readonly #fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, { ...init, signal: null });
    const path = request.url.endsWith('graphql.json') ? 'graphql' : 'token';
    this.requests.push({ path, token: request.headers.get('x-shopify-access-token') });
    const answerer = this.instead[path].shift();
    return answerer === undefined ? await this.simulator.fetch(request) : await answerer();
  };
}

/** 113 points are asked for it with `first: 250`, and most of them given back. */
export const dear: Operation = {
  name: 'Dear',
  text: `query Dear($first: Int!) {
  shop { id }
  customers(first: $first) { nodes { id orders(first: 50) { nodes { id } } } }
}`,
};
export const DEAR_POINTS = 113;

/** Takes points out of the shop's bucket as another process of the app would; answers what is left, `left` at most. */
export async function drain({ simulator, shop }: Client, left: number): Promise<number> {
  if (shop.customers.size === 0) throw new Error('an empty shop charges next to nothing: populate it');
  for (;;) {
    const request = new Request(`${ORIGIN}/admin/api/2026-10/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': STATIC_TOKEN },
      body: JSON.stringify({ query: '{ customers(first: 250) { nodes { id } } }' }),
    });
    const answer = (await (await simulator.fetch(request)).json()) as {
      extensions: { cost: { throttleStatus: { currentlyAvailable: number } } };
    };
    const { currentlyAvailable } = answer.extensions.cost.throttleStatus;
    if (currentlyAvailable <= left) return currentlyAvailable;
  }
}
