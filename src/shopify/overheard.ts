import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { Reject, Transient } from '../failures.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store.ts';
import { API_VERSION } from './documents.ts';

/**
 * What Shopify says beside its answers. In which version of the Admin API it answered: one that has been retired is served
 * by the oldest that has not, without any error. And that an operation asks for something deprecated. Neither decides
 * anything; both are said, the version once an hour for each store and on its status, a deprecation once a day for each
 * operation. https://shopify.dev/docs/api/usage/versioning
 */
export type Overheard = (storeId: number, operation: string, headers: Headers) => Promise<void>;

interface Deps {
  readonly database: Pick<Database, 'updateSettings'>;
  readonly clock: Clock;
  readonly log: Log;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long another version is shown that was seen last. */
const SHOWN_MS = 2 * HOUR_MS;
/** A reason is a sentence or an address. */
const REASON_MAX = 300;

export function createOverheard(deps: Deps): Overheard {
  const versionsSaid = new Map<string, number>();
  const deprecationsSaid = new Map<string, number>();
  const isNews = (said: Map<string, number>, what: string, everyMs: number): boolean => {
    const at = deps.clock();
    if (at - (said.get(what) ?? Number.NEGATIVE_INFINITY) < everyMs) return false;
    said.set(what, at);
    return true;
  };
  return async (storeId, operation, headers) => {
    const reason = headers.get('x-shopify-api-deprecated-reason');
    if (reason && isNews(deprecationsSaid, operation, DAY_MS))
      deps.log('apiDeprecated', {
        StoreId: storeId,
        Operation: operation,
        Cause: reason.slice(0, REASON_MAX),
      });
    const version = headers.get('x-shopify-api-version');
    if (!version || version === API_VERSION || !isNews(versionsSaid, String(storeId), HOUR_MS)) return;
    deps.log('answersOdd', { StoreId: storeId, Version: version, Expected: API_VERSION });
    try {
      await deps.database.updateSettings(storeId, { answersVersion: { version, at: deps.clock() } });
    } catch (error) {
      // What was answered is read all the same; a later answer can be shown.
      if (!(error instanceof Transient || error instanceof Reject)) throw error;
      versionsSaid.delete(String(storeId));
    }
  };
}

/** Hourly: a version that has not been seen for a while is shown no longer. */
export async function forgetVersion(
  { database, clock }: Omit<Deps, 'log'>,
  { id, settings }: Store,
): Promise<void> {
  const { answersVersion } = settings;
  if (answersVersion === null || clock() - answersVersion.at <= SHOWN_MS) return;
  await database.updateSettings(id, { answersVersion: null });
}
