import { AccessRefused, ClientRefused } from '../failures.ts';
import type { AdminApi } from './admin.ts';
import { readShop } from './documents.ts';

/**
 * Whether the app is installed in the store, by the only proof there is: whether its credentials open it. Throws a
 * `Transient` or `Reject` where that cannot be told (Shopify is away, the shop is frozen, the client secret is wrong).
 */
export async function isInstalled(api: AdminApi): Promise<boolean> {
  try {
    await api.query(readShop, {});
    return true;
  } catch (error) {
    if (error instanceof AccessRefused && !(error instanceof ClientRefused)) return false;
    throw error;
  }
}
