/**
 * A Shopify that runs here: any number of shops behind one `fetch`, without sockets, with a clock that may be
 * virtual. `server.ts` puts it on a port, tests call it directly.
 *
 *     /{domain}/admin/api/{version}/graphql.json     the Admin API of a shop
 *     /{domain}/admin/oauth/access_token             its token endpoint
 *     /{domain}/admin/oauth/authorize                where a merchant agrees to install the app
 *     /sim/…                                         the control door: look in, change things, break things
 *
 * Without `{domain}` the Host header says which shop is meant, or there is only one.
 */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { CostModel } from './api/cost.ts';
import { Gateway } from './api/gateway.ts';
import type { ApiStats } from './api/traffic.ts';
import { control } from './control.ts';
import { Random } from './random.ts';
import { Shop, type ShopOptions } from './shop.ts';
import { Courier } from './webhooks/courier.ts';

export interface SimulatorOptions {
  readonly clock?: () => number;
  readonly seed?: number | string;
  readonly costModel?: CostModel;
  /** How slow answers wait; a test with a virtual clock moves its clock instead. */
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface Simulator {
  /** By domain. */
  readonly shops: ReadonlyMap<string, Shop>;
  readonly clock: () => number;
  readonly seed: number | string;
  addShop(options: ShopOptions): Shop;
  /** The whole HTTP surface. Rejects as `fetch` does when a connection is made to break. */
  fetch(request: Request): Promise<Response>;
  stats(domain: string): ApiStats;
}

const ADMIN =
  /^(?:\/([^/]+\.[^/]+))?\/admin\/(?:api\/([^/]+)\/graphql\.json|oauth\/(access_token|authorize))$/;
/** Any version that looks like one is answered in the version we have: Shopify calls that falling forward. */
const VERSION = /^(?:\d{4}-\d{2}|unstable)$/;

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  return new ShopifyInABox(options);
}

class ShopifyInABox implements Simulator {
  readonly shops = new Map<string, Shop>();
  readonly clock: () => number;
  readonly seed: number | string;
  readonly #gateways = new Map<string, Gateway>();
  readonly #costModel: CostModel;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(options: SimulatorOptions) {
    this.clock = options.clock ?? Date.now;
    this.seed = options.seed ?? 1;
    this.#costModel = options.costModel ?? 'observed';
    this.#sleep = options.sleep ?? ((ms) => sleepFor(ms));
  }

  addShop(options: ShopOptions): Shop {
    const { domain } = options;
    if (this.shops.has(domain))
      throw new Error(`There is a shop ${domain} already: give the new one another domain.`);
    const shop = new Shop(options, this.clock, this.shops.size + 1);
    shop.courier = new Courier({ shop, seed: this.seed, clock: this.clock });
    const setting = {
      random: new Random(`${this.seed}/api/${domain}`),
      costModel: this.#costModel,
      sleep: this.#sleep,
    };
    this.shops.set(domain, shop);
    this.#gateways.set(domain, new Gateway(shop, setting));
    return shop;
  }

  stats(domain: string): ApiStats {
    const gateway = this.#gateways.get(domain);
    if (!gateway) throw new Error(`There is no shop ${domain}.`);
    return gateway.stats;
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/sim/')) return await control(this, request);
    const match = ADMIN.exec(pathname);
    const gateway = match && this.#gatewayFor(match[1], request);
    const version = match?.[2];
    if (!gateway || (version !== undefined && !VERSION.test(version))) return notFound(this.clock());
    const method = match?.[3] === 'authorize' ? 'GET' : 'POST';
    if (request.method !== method)
      return gateway.answer(405, { errors: 'Method Not Allowed' }, { allow: method });
    if (match?.[3] === 'authorize') return gateway.authorize(request);
    return version === undefined ? await gateway.token(request) : await gateway.graphql(request);
  }

  #gatewayFor(domain: string | undefined, request: Request): Gateway | undefined {
    if (domain !== undefined) return this.#gateways.get(domain);
    const host = request.headers.get('host') ?? new URL(request.url).host;
    const byHost = this.#gateways.get(host.replace(/:\d+$/, ''));
    const [only, another] = this.#gateways.values();
    return byHost ?? (another ? undefined : only);
  }
}

function notFound(now: number): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', date: new Date(now).toUTCString() };
  return new Response(JSON.stringify({ errors: 'Not Found' }), { status: 404, headers });
}
