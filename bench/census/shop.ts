import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { SimulatedShop } from '../../local/simulated.ts';

/** A shop with nothing but customers, on Shopify's largest plan, in a process of its own. */
const START_LIMIT_MS = 10 * 60_000;

export const openShop = (customers: number, signal: AbortSignal): Promise<SimulatedShop> =>
  SimulatedShop.start(
    { seed: 1, plan: 'enterprise', costModel: 'observed', customers, products: 0, orders: 0 },
    AbortSignal.any([signal, AbortSignal.timeout(START_LIMIT_MS)]),
  );

/** Changes a customer for certain: an edit moves `updatedAt`, and may change nothing that is mirrored; tags do. */
export async function edit(shop: SimulatedShop, id: string): Promise<void> {
  await happen(shop, { what: 'customer-tags', id, seed: id });
  await happen(shop, { what: 'customer-edit', id, seed: id });
}

export const remove = (shop: SimulatedShop, id: string): Promise<void> =>
  happen(shop, { what: 'customer-delete', id });

export const create = (shop: SimulatedShop, seed: number): Promise<void> =>
  happen(shop, { what: 'customer-create', seed });

/** No webhook tells of it: nobody has subscribed to any. */
async function happen(
  shop: SimulatedShop,
  change: { readonly what: string; readonly id?: string; readonly seed?: number | string },
): Promise<void> {
  const response = await fetch(control(shop, 'change'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw new Error(`The simulator refused ${change.what}: ${await response.text()}`);
}

/** The customers themselves in the order of their ids, in Shopify's own shape but for their times in milliseconds. */
export async function* customersOf(shop: SimulatedShop): AsyncGenerator<unknown> {
  const response = await fetch(control(shop, 'truth/customers?raw=1'));
  if (!response.ok || response.body === null)
    throw new Error(`The simulator answered ${response.status} instead of its customers`);
  const lines = createInterface({ input: Readable.fromWeb(response.body), crlfDelay: Infinity });
  for await (const line of lines) yield JSON.parse(line);
}

const control = (shop: SimulatedShop, action: string): string =>
  `${new URL(shop.env['SHOPIFY_ORIGIN']!.replace('{shop}', '')).origin}/sim/${shop.domain}/${action}`;
