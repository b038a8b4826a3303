import type { CallOutcome } from '../metrics.ts';
import { outcomeOf } from '../report.ts';
import type { Span } from '../telemetry.ts';
import type { AdminDeps } from './admin.ts';
import { API_VERSION, type Operation } from './documents.ts';
import { TooCostly } from './too-costly.ts';

/**
 * A request to the Admin API as others see it: a span of kind client, because `fetch` is instrumented by nobody, and
 * its duration by operation and outcome. Neither its variables nor its answer are told (R12).
 */
export async function observed<T>(
  deps: Pick<AdminDeps, 'telemetry' | 'clock' | 'origin' | 'storeId'>,
  operation: Operation,
  work: (span: Span) => Promise<T | 'throttled'>,
): Promise<T | 'throttled'> {
  const startedAt = deps.clock();
  let outcome: CallOutcome = 'answered';
  try {
    return await deps.telemetry.span(aboutCall(deps, operation), async (span) => {
      const answer = await work(span);
      if (answer === 'throttled') outcome = 'throttled';
      span.set({ Outcome: outcome });
      return answer;
    });
  } catch (error) {
    outcome = error instanceof TooCostly ? 'rejected' : outcomeOf(error);
    throw error;
  } finally {
    deps.telemetry.measure('ShopifyApi.CallDuration', deps.clock() - startedAt, {
      StoreId: deps.storeId,
      Operation: operation.name,
      Outcome: outcome,
    });
  }
}

const aboutCall = ({ origin, storeId }: Pick<AdminDeps, 'origin' | 'storeId'>, { name }: Operation) =>
  ({
    name: `shopify ${name}`,
    kind: 'client',
    attributes: {
      StoreId: storeId,
      Operation: name,
      'http.request.method': 'POST',
      'server.address': new URL(origin).host,
      'url.full': `${origin}/admin/api/${API_VERSION}/graphql.json`,
    },
  }) as const;
