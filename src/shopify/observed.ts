import type { Monotonic } from '../clock.ts';
import type { CallOutcome } from '../metrics.ts';
import { outcomeOf } from '../report.ts';
import type { Span, Telemetry } from '../telemetry.ts';
import { API_VERSION, type Operation } from './documents.ts';
import { TooCostly } from './too-costly.ts';

/**
 * A request to Shopify as others see it: a span of kind client, because `fetch` is instrumented by nobody, and its
 * duration by operation and outcome. Neither what was asked nor what was answered is told (R12).
 */
export interface Observing {
  readonly telemetry: Telemetry;
  readonly monotonic: Monotonic;
  /** `https://something.myshopify.com` */
  readonly origin: string;
  readonly storeId: number;
}

interface Call<T> {
  readonly operation: string;
  readonly url: URL;
  /** What became of it. */
  readonly answered: (answer: T) => CallOutcome;
  readonly failed: (error: unknown) => CallOutcome;
}

async function observed<T>(
  { telemetry, monotonic, storeId: StoreId }: Observing,
  { operation: Operation, url, answered, failed }: Call<T>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const startedAt = monotonic();
  const attributes = {
    ...{ StoreId, Operation, 'http.request.method': 'POST' as const },
    ...{ 'server.address': url.host, 'url.full': `${url.origin}${url.pathname}` },
  };
  let outcome: CallOutcome = 'bug';
  try {
    return await telemetry.span(
      { name: `shopify ${Operation}`, kind: 'client', attributes },
      async (span) => {
        const answer = await work(span);
        outcome = answered(answer);
        span.set({ Outcome: outcome });
        return answer;
      },
    );
  } catch (error) {
    outcome = failed(error);
    throw error;
  } finally {
    telemetry.measure('ShopifyApi.CallDuration', monotonic() - startedAt, {
      StoreId,
      Operation,
      Outcome: outcome,
    });
  }
}

/** One query of the Admin API with its answer. */
export const observedQuery = <T>(
  deps: Observing,
  { name }: Operation,
  work: (span: Span) => Promise<T | 'throttled'>,
): Promise<T | 'throttled'> =>
  observed(
    deps,
    {
      operation: name,
      url: new URL(`${deps.origin}/admin/api/${API_VERSION}/graphql.json`),
      answered: (answer) => (answer === 'throttled' ? 'throttled' : 'answered'),
      failed: (error) => (error instanceof TooCostly ? 'rejected' : outcomeOf(error)),
    },
    work,
  );

/** The `fetch` with which access tokens are asked for. */
export const observedFetch =
  (deps: Observing, send: typeof fetch): typeof fetch =>
  (input, init) =>
    observed(
      deps,
      {
        operation: 'AccessToken',
        url: new URL(String(input)),
        answered: ({ ok, status }) => (ok ? 'answered' : isPassing(status) ? 'transient' : 'attention'),
        failed: () => 'transient',
      },
      async (span) => {
        const response = await send(input, init);
        span.set({ 'http.response.status_code': response.status });
        return response;
      },
    );

const isPassing = (status: number): boolean => status >= 500 || status === 429;
