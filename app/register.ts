import { registerPrivacy } from '../privacy/functions.ts';
import { registerReconciliation } from '../reconcile/functions.ts';
import { schedulesOf } from '../src/schedules.ts';
import type { Service } from '../src/service.ts';
import { registerWebhooks } from '../webhooks/functions.ts';
import { accessOf } from './access.ts';
import { registerErrands, registerStores } from './functions.ts';
import { registerFlushing } from './telemetry/functions.ts';
import { upkeep } from './upkeep.ts';

/** Registers every function, for Azure and for the local host alike. `service` is asked when one is invoked. */
export function registerAll(
  service: () => Promise<Service>,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  registerWebhooks(service);
  const access = accessOf(environment);
  registerStores(service, access);
  registerReconciliation(service, schedulesOf(environment), access, upkeep);
  registerErrands(service);
  registerPrivacy(service, access);
  registerFlushing(service);
}
