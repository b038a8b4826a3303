import { setTimeout as sleep } from 'node:timers/promises';
import { attend } from '../app/upkeep.ts';
import type { Store } from '../src/store.ts';
import { FAULTS, SHORT_SCHEDULES, SHORTENED } from './demo.ts';
import type { Driftless } from './driftless.ts';
import type { Screen } from './screen.ts';
import type { SimulatedShop } from './simulated.ts';
import { mirrored } from './waiting.ts';

/** Mirrors a store, then keeps it true until interrupted, and shows how it is doing. */
export interface Living {
  readonly driftless: Driftless;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** The simulated shop of the demonstration; null for a real store. */
  readonly shop: SimulatedShop | null;
  readonly seed: number;
}

const CHANGES_PER_SECOND = 5;
const LOOK_MS = 1_000;
/** A large store's first mirror takes what it takes. */
const MIRROR_LIMIT_MS = 24 * 3_600_000;

export async function live(living: Living): Promise<void> {
  const { driftless, screen, signal, shop, seed } = living;
  const { service } = driftless;
  for (const configured of service.configuredStores) await attend(service, configured);
  const stores = (await service.database.stores()).filter(({ active }) => active);
  const connected = stores.filter(({ shopId }) => shopId !== null);
  if (connected.length === 0) return screen.say('No store could be connected: the reasons stand above.');
  const size = shop ? (await shop.stats()).size : {};
  for (const store of connected)
    await mirrored(
      { driftless, storeId: store.id, signal, look: (status) => screen.mirroring(status, size) },
      MIRROR_LIMIT_MS,
    );
  screen.say(introduction(living, connected));
  if (shop) {
    await shop.setFaults({ webhooks: FAULTS });
    await shop.live(CHANGES_PER_SECOND, seed);
  }
  while (!signal.aborted) {
    for (const { id } of connected) screen.living(await service.database.status(id), [notice(living)]);
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

function introduction({ shop, driftless }: Living, stores: readonly Store[]): string {
  const names = stores.map(({ domain }) => domain).join(', ');
  if (shop)
    return `Mirrored ${names}. Now the store lives: ${CHANGES_PER_SECOND} changes a second, ${FAULTS.lost * 100} % of the deliveries lost.`;
  if (driftless.service.webhookUrl === null)
    return `Mirrored ${names}. Without WEBHOOK_URL no webhooks arrive: changes come with the sweeps alone.`;
  return `Mirrored ${names}. Webhooks arrive at ${driftless.service.webhookUrl}.`;
}

const notice = ({ shop }: Living): string =>
  shop
    ? `  (demonstration clockwork: SETTLE ${Number(SHORTENED.SETTLE_MS) / 1_000} s instead of 30 s, OVERLAP ${Number(SHORTENED.OVERLAP_MS) / 1_000} s instead of 15 min, sweeps every ${SHORT_SCHEDULES.ORDER_SYNC_CRON.slice(2, 4)} s)\n  Ctrl-C stops; the next start goes on from here.`
    : '  Ctrl-C stops; the next start goes on from here.';
