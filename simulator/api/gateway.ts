/**
 * Everything of one shop that is reached over HTTP: its GraphQL endpoint and its token endpoint, with the
 * bucket, the statistics and the faults that belong to them.
 */
import type { Random } from '../random.ts';
import { API_VERSION } from '../schema/load.ts';
import type { Shop } from '../shop.ts';
import { Bucket } from './bucket.ts';
import { consent } from './consent.ts';
import type { CostModel } from './cost.ts';
import { type ApiFault, ConnectionLost, drawFault, isSlow } from './faults.ts';
import { type GraphqlRequest, run } from './run.ts';
import { type GrantRequest, grant, isAuthorized } from './tokens.ts';
import { type ApiStats, newStats } from './traffic.ts';

export interface GatewaySetting {
  readonly random: Random;
  readonly costModel: CostModel;
  readonly sleep: (ms: number) => Promise<void>;
}

const BAD_TOKEN = '[API] Invalid API key or access token (unrecognized login or wrong password)';

export class Gateway {
  readonly stats: ApiStats = newStats();
  readonly #shop: Shop;
  readonly #setting: GatewaySetting;
  readonly #bucket: Bucket;

  constructor(shop: Shop, setting: GatewaySetting) {
    this.#shop = shop;
    this.#setting = setting;
    this.#bucket = new Bucket(shop.clock, () => shop.plan);
  }

  async graphql(request: Request): Promise<Response> {
    const { random, costModel, sleep } = this.#setting;
    const fault = drawFault(this.#shop.faults, random);
    if (fault) this.stats.faults += 1;
    const early = fault && this.#failEarly(fault);
    if (early) return early;
    if (!isAuthorized(this.#shop, request.headers.get('x-shopify-access-token'))) {
      return this.answer(401, { errors: BAD_TOKEN });
    }
    const asked = readGraphql(await request.text(), request.headers.get('content-type') ?? '');
    if (!asked) return this.answer(400, { errors: { query: 'Required parameter missing or invalid' } });
    this.stats.requests += 1;
    const { data, errors, extensions } = run(this.#shop, asked, {
      bucket: this.#bucket,
      stats: this.stats,
      costModel,
    });
    if (isSlow(this.#shop.faults, random)) await sleep(this.#shop.faults.slowMs);
    if (fault === 'abort') throw new ConnectionLost();
    return this.answer(200, { data, errors, extensions });
  }

  async token(request: Request): Promise<Response> {
    const asked = readGrant(await request.text(), request.headers.get('content-type') ?? '');
    const { status, body } = grant(this.#shop, asked, this.#setting.random);
    return this.answer(status, body);
  }

  authorize(request: Request): Response {
    const back = consent(this.#shop, new URL(request.url).searchParams, this.#setting.random);
    if (back === null) return this.answer(400, { error: 'invalid_request' });
    return new Response(null, { status: 302, headers: { location: back, ...this.#stamp() } });
  }

  answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...this.#stamp(), ...headers },
    });
  }

  #failEarly(fault: ApiFault): Response | null {
    switch (fault) {
      case 'serverError':
        return this.answer(502, { errors: 'Bad Gateway' });
      case 'tooManyRequests':
        return this.answer(429, { errors: 'Too Many Requests' }, { 'retry-after': '2.0' });
      case 'garbage': {
        const headers = { 'content-type': 'text/html', ...this.#stamp() };
        return new Response('<!DOCTYPE html><title>Something went wrong</title>', { headers });
      }
      case 'tokenRevoked':
        this.#shop.issuedTokens.clear();
        this.#shop.offline.endAccess();
        return this.answer(401, { errors: BAD_TOKEN });
      case 'abort':
        return null;
    }
  }

  #stamp(): Record<string, string> {
    const { random } = this.#setting;
    return {
      date: new Date(this.#shop.clock()).toUTCString(),
      'x-shopify-api-version': API_VERSION,
      'x-request-id': `${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}`,
    };
  }
}

/** `application/json` with a query in it, or the bare query as `application/graphql`. */
function readGraphql(body: string, contentType: string): GraphqlRequest | null {
  if (contentType.startsWith('application/graphql')) {
    return { query: body, variables: {}, operationName: undefined };
  }
  const { query, variables, operationName } = readObject(body);
  if (typeof query !== 'string' || query === '') return null;
  return {
    query,
    variables: isObject(variables) ? variables : {},
    operationName: typeof operationName === 'string' ? operationName : undefined,
  };
}

function readGrant(body: string, contentType: string): GrantRequest {
  return contentType.startsWith('application/json')
    ? readObject(body)
    : Object.fromEntries(new URLSearchParams(body));
}

/** The object in a JSON text, or an empty one: what is missing is then judged field by field. */
function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
