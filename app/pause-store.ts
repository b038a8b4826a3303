import type { Service } from '../src/service.ts';
import type { Store } from '../src/store.ts';
import { attend } from './upkeep.ts';

const NOT_YET = 'an operator has resumed it, and its credentials have not worked yet: they are tried again';

/**
 * An operator ends his pause. The store starts anew as soon as its credentials work, which is tried at once and then as
 * of any disconnected store. False while it still rests: its status says why. Its pause begins with `pauseStore` of src/rest.ts.
 */
export async function resumeStore(service: Service, store: Store): Promise<boolean> {
  const { database, directory, log } = service;
  await database.endPause(store.id);
  await database.updateSettings(store.id, { attention: NOT_YET });
  directory.forget();
  log('storeUnpaused', { StoreId: store.id, Domain: store.domain });
  const { domain, formerDomains } = store;
  const names = [domain, ...formerDomains];
  const configured = service.configuredStores.find((named) => names.includes(named.domain));
  return await attend(service, configured ?? { domain, secretName: store.secretName });
}
