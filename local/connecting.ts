import { setTimeout as sleep } from 'node:timers/promises';
import { attend } from '../app/upkeep.ts';
import { connectStore } from '../src/connect.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';

/**
 * The configured stores are connected while somebody is watching, who can mend what is wrong: what will never
 * work ends the start, what may pass is tried again until it has. Each store is on its own (R7).
 */
type Configured = Service['configuredStores'][number];

const RETRY_MS = 15_000;

export interface Connecting {
  readonly service: Service;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Ends when every store is connected or refused; throws a `Reject` when all are refused. */
export async function connect({ service, say, signal }: Connecting): Promise<void> {
  const { configuredStores } = service;
  const alone = configuredStores.length === 1;
  const refusals = await Promise.all(
    configuredStores.map(async (configured) => {
      const refusal = await connectOne({ service, say, signal }, configured);
      if (refusal !== null && !alone) say(refusal);
      return refusal;
    }),
  );
  const [first] = refusals;
  if (refusals.some((refusal) => refusal === null)) return;
  throw new Reject(alone && first != null ? first : 'every store was refused, for the reasons above');
}

/** Null once it is connected, or what the operator has to do. */
async function connectOne(
  { service, say, signal }: Connecting,
  configured: Configured,
): Promise<string | null> {
  const { domain } = configured;
  let said = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      assertReadable(await connectStore(service, configured));
      // Subscriptions and the first mirror; its troubles are logged and tried again with every upkeep.
      await attend(service, configured);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Reject) return `${domain}: ${error.message}`;
      if (!(error instanceof Transient)) throw error;
      if (error.message !== said) say(`${domain}: ${error.message}. It is tried again every few seconds.`);
      said = error.message;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** What a missing scope closes is logged while connecting; with everything closed there is nothing to do. */
function assertReadable({ settings }: Store): void {
  const scopes = ENTITY_NAMES.map((name) => entityOf(name).scope);
  if (scopes.some((scope) => settings.scopes.includes(scope))) return;
  throw new Reject(
    `the app may read nothing: grant it ${scopes.join(', ')} in its configuration, release that version and accept it in the store`,
  );
}
