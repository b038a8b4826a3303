import {
  AccessRefused,
  NeedsAttention,
  Reject,
  Transient,
  UnknownField,
  UnknownShop,
  Unserved,
} from '../failures.ts';
import type { Span } from '../telemetry.ts';
import { type Exchange, hear, timesOf } from './answer-times.ts';
import { type GraphqlBody, graphqlBody } from './body.ts';
import { API_VERSION, askTheTime, type Operation } from './documents.ts';
import { type Observing, observedQuery } from './observed.ts';
import type { Overheard } from './overheard.ts';
import type { Pacing, Reservation } from './pacing.ts';
import { refuseRedirect } from './redirect.ts';
import type { ShopClock } from './shop-clock.ts';
import type { TokenSource } from './token.ts';
import { TooCostly } from './too-costly.ts';

/**
 * One POST to a store's Admin API: authorised, paced by cost, retried where trying again helps, with failures
 * that say what to do. Shopify's own client was not used: it neither paces nor retries THROTTLED (HTTP 200), and
 * sleeps `Retry-After` seconds as milliseconds.
 */
export interface AdminApi {
  query(operation: Operation, variables: Variables): Promise<Answer>;
}

export type Variables = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly data: Readonly<Record<string, unknown>>;
  /** Fields that Shopify refused, with their paths. */
  readonly errors: readonly { readonly path: readonly (string | number)[]; readonly code: string }[];
  /** Shopify's time when the request was sent, see shop-clock.ts. */
  readonly sentAt: number;
  /** Shopify's time when the answer was here: nothing in it can be later. */
  readonly answeredAt: number;
  /** Points charged in the end. */
  readonly points: number;
}

export interface AdminDeps extends Observing {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly pacing: Pacing;
  readonly tokens: TokenSource;
  readonly shopClock: ShopClock;
  /** Is told what Shopify says beside its answers; left out where nobody listens. */
  readonly heard?: Overheard;
}

const TRIES = 3;
const TIMEOUT_MS = 30_000;
/** The longest wait that a `Retry-After` is believed. */
const ASKED_MAX_MS = 3_600_000;
/** Waits longer than this end the slice instead of holding it (design §4). */
export const WAIT_MAX_MS = 5_000;

export const createAdminApi = (deps: AdminDeps): AdminApi => ({
  query: async (operation, variables) => {
    let failure: unknown;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await deps.sleep(backOffMs(failure, attempt, deps.random));
      try {
        return await throttled(deps, operation, variables);
      } catch (error) {
        if (!(error instanceof Transient) || error.retryAfterMs > WAIT_MAX_MS) throw error;
        failure = error;
      }
    }
    throw failure;
  },
});

const sizeOf = (variables: Variables): number => {
  const ids = variables['ids'];
  if (Array.isArray(ids)) return ids.length;
  return typeof variables['first'] === 'number' ? variables['first'] : 1;
};

/** 0.25 s, 0.5 s … with jitter, and never less than Shopify asked for. */
const backOffMs = (failure: unknown, attempt: number, random: () => number): number =>
  Math.max(
    failure instanceof Transient ? failure.retryAfterMs : 0,
    250 * 2 ** (attempt - 1) * (1 + random()),
  );

/** THROTTLED is no failure: wait for exactly what is missing, then go on. The pacing has learned from it. */
async function throttled(deps: AdminDeps, operation: Operation, variables: Variables): Promise<Answer> {
  for (let round = 0; round < 10; round++) {
    const answer = await once(deps, operation, variables);
    if (answer !== 'throttled') return answer;
  }
  throw new Transient('Shopify kept answering THROTTLED: another app instance is using the budget', {
    retryAfterMs: 10_000,
  });
}

async function once(
  deps: AdminDeps,
  operation: Operation,
  variables: Variables,
): Promise<Answer | 'throttled'> {
  const reservation = await deps.pacing.admit(operation.name, sizeOf(variables));
  try {
    const token = await deps.tokens.current();
    return await observedQuery(deps, operation, (span) =>
      exchanged(deps, token, operation, variables, reservation, span),
    );
  } finally {
    reservation.abandon();
  }
}

/** The request and its answer; a token that is refused is renewed once. */
async function exchanged(
  deps: AdminDeps,
  token: string,
  operation: Operation,
  variables: Variables,
  reservation: Reservation,
  span: Span,
): Promise<Answer | 'throttled'> {
  let exchange = await post(deps, token, operation, variables);
  if (exchange.response.status === 401)
    exchange = await post(deps, await deps.tokens.renew(token), operation, variables);
  span.set({ 'http.response.status_code': exchange.response.status });
  const body = await read(exchange.response, operation);
  await deps.heard?.(deps.storeId, operation.name, exchange.response.headers);
  const cost = body.extensions?.cost;
  if (cost) {
    const { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: status } = cost;
    reservation.settle({ requested, actual, status });
    span.set({ Points: actual ?? 0 });
    deps.telemetry.measure('ShopifyApi.RateLimitRemaining', status.currentlyAvailable, {
      StoreId: deps.storeId,
    });
  }
  // Only what Shopify itself answered: a gateway's page in its place has the gateway's clock.
  hear(deps, exchange);
  const answer = interpret(body, operation);
  if (answer === 'throttled') return answer;
  return { ...answer, ...(await timesOf(deps, exchange, () => post(deps, token, askTheTime, {}))) };
}

async function post(
  deps: AdminDeps,
  token: string,
  operation: Operation,
  variables: Variables,
): Promise<Exchange> {
  const startedAt = deps.monotonic();
  let response: Response;
  try {
    response = await deps.fetch(`${deps.origin}/admin/api/${API_VERSION}/graphql.json`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-shopify-access-token': token,
      },
      body: JSON.stringify({ query: operation.text, variables, operationName: operation.name }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
  } catch (cause) {
    throw new Transient(
      `Shopify could not be reached at ${deps.origin}: check the network and SHOPIFY_SHOP`,
      { cause, retryAfterMs: 0 },
    );
  }
  refuseRedirect(response, deps.origin);
  return { response, startedAt, receivedAt: deps.monotonic() };
}

async function read(response: Response, operation: Operation): Promise<GraphqlBody> {
  const { status } = response;
  if (status === 401)
    throw new AccessRefused(`Shopify refused the store's access (${status}): ${ATTENTION[status]}`);
  // A 403 may be a proxy's, or about one right: it tells nothing of the installation.
  if (status === 402 || status === 403 || status === 423)
    throw new NeedsAttention(`Shopify refused the store's access (${status}): ${ATTENTION[status]}`);
  if (status === 404) throw new UnknownShop();
  if (status === 408 || status === 429 || status === 430 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1_000), ASKED_MAX_MS) : 0;
    throw new Transient(`Shopify answered ${status}`, { retryAfterMs });
  }
  if (!response.ok)
    throw new Reject(
      `Shopify refused ${operation.name} (${status}): it is no query of API ${API_VERSION} any more, update Driftless`,
    );
  // Without its cause: the parser's error quotes the body, which is full of personal data (R12).
  const body = graphqlBody.safeParse(await response.json().catch(() => undefined));
  if (!body.success)
    throw new Transient(`Shopify's answer (${status}) broke off or is no JSON of a query`, {
      retryAfterMs: 0,
    });
  return body.data;
}

const ATTENTION = {
  401: 'the access token is invalid or was revoked; install the app again or renew the token',
  402: 'the shop is frozen; its owner pays the bill in the Shopify admin',
  403: 'the app may not use the Admin API of this shop; check its installation and scopes',
  423: 'the shop is locked; Shopify support must unlock it',
} as const;

function interpret(
  body: GraphqlBody,
  operation: Operation,
): Omit<Answer, 'sentAt' | 'answeredAt'> | 'throttled' {
  if (typeof body.errors === 'string')
    throw new Transient('Shopify answered an error without a code', { retryAfterMs: 0 });
  const errors = body.errors ?? [];
  const codes = errors.map((error) => error.extensions?.code ?? '');
  if (codes.includes('THROTTLED')) {
    if (body.extensions?.cost) return 'throttled';
    throw new Transient('Shopify answered THROTTLED without saying for how long');
  }
  if (codes.includes('MAX_COST_EXCEEDED'))
    throw new TooCostly(`${operation.name} costs more than one query may`);
  if (codes.includes('INTERNAL_SERVER_ERROR') || codes.includes('TIMEOUT'))
    throw new Unserved(`Shopify failed inside ${operation.name}`, { retryAfterMs: 0 });
  if (codes.includes('SHOP_INACTIVE'))
    throw new NeedsAttention('Shopify says that the shop is inactive: its owner reopens it or picks a plan');
  if (!body.data) {
    if (codes.includes('ACCESS_DENIED'))
      throw new NeedsAttention(
        `Shopify denied ${operation.name}: grant the app the read scopes of README's table`,
      );
    const Refusal = codes.includes('undefinedField') ? UnknownField : Reject;
    throw new Refusal(`Shopify refused ${operation.name}: ${codes.join(', ') || 'no code'}`);
  }
  return {
    data: body.data,
    errors: errors.map((error, i) => ({ path: error.path ?? [], code: codes[i]! })),
    points: body.extensions?.cost?.actualQueryCost ?? 0,
  };
}
