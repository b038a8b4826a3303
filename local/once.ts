import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attend } from '../app/upkeep.ts';
import type { Certificate } from '../src/certificate.ts';
import type { Environment } from '../src/config.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { Reject } from '../src/failures.ts';
import type { StoreStatus } from '../src/store.ts';
import { compare, type Difference } from './compare.ts';
import { type DemoOptions, FAULTS, SHORTENED } from './demo.ts';
import { type Driftless, type DriftlessOptions, startDriftless } from './driftless.ts';
import { living, mirroring, type StoreView } from './figures.ts';
import { onceDatabase } from './onceDatabase.ts';
import type { Screen } from './screen.ts';
import { type Change, LAGS, SimulatedShop } from './simulated.ts';
import { drained, mirrored, type Watch } from './waiting.ts';

/**
 * The unattended run: mirror the simulated store, change it under faults, sweep, count, and compare every mirrored
 * field of every object with the truth. What each detector is worth is measured by when a change became right.
 */
export interface Report {
  readonly converged: boolean;
  readonly objects: number;
  readonly changes: number;
  /** Changes whose object was right before the first sweep, after the sweeps, and after the censuses. */
  readonly viaWebhook: number;
  readonly viaSweep: number;
  readonly viaCensus: number;
  readonly gapsHealed: number;
  /** Why no webhook had told of them. */
  readonly gapCauses: StoreStatus['gapCauses'];
  /** From Shopify's trigger of a delivery to the committed row. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly points: number;
  readonly requests: number;
  readonly throttled: number;
  readonly mirrorSeconds: number;
  readonly seconds: number;
}

export interface Outcome {
  readonly report: Report;
  readonly differences: readonly Difference[];
  /** In the order of their censuses. */
  readonly certificates: readonly Certificate[];
}

const SETTLE_MS = Number(SHORTENED.SETTLE_MS);
/** Each entity's first mirror, census of heads, census of content. */
const CERTIFICATES = 9;
const MIRROR_LIMIT_MS = 15 * 60_000;
const DRAIN_LIMIT_MS = 5 * 60_000;
/** A number of marks that stands still for longer than a settle read takes will not move soon. */
const STILL_MS = SETTLE_MS + 3_000;

export async function once(
  options: DemoOptions,
  screen: Screen,
  log: DriftlessOptions['log'],
  told: Environment,
  signal: AbortSignal,
): Promise<Outcome> {
  const startedAt = performance.now();
  await using opened = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'driftless-once-'));
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const { env, domain } = await onceDatabase(process.env['DATABASE_URL']);
  const shop = await SimulatedShop.start(domain === null ? options : { ...options, domain }, signal);
  opened.defer(() => shop.stop());
  const driftless = await startDriftless({
    env: { ...told, ...shop.env, ...SHORTENED, ...env },
    dataDir,
    timers: false,
    log,
    webhooksToHost: true,
    signal,
  });
  opened.defer(() => driftless.stop());
  return await run({ options, screen, signal, shop, driftless, startedAt });
}

interface Running {
  readonly options: DemoOptions;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly shop: SimulatedShop;
  readonly driftless: Driftless;
  readonly startedAt: number;
}

async function run(running: Running): Promise<Outcome> {
  const { screen, signal, shop, driftless, startedAt } = running;
  const [configured] = driftless.service.configuredStores;
  if (configured === undefined || !(await attend(driftless.service, configured)))
    throw new Reject('the simulated store could not be connected: its reason stands above');
  const stores = await driftless.service.database.stores();
  const store = stores.find(({ domain }) => domain === shop.domain);
  const size = (await shop.stats()).size;
  const viewOf = (status: StoreStatus): StoreView => ({
    domain: shop.domain,
    status,
    sizes: size,
    closed: [],
    attention: [],
  });
  const watch: Watch = {
    driftless,
    storeId: store!.id,
    signal,
    look: (status) => screen.show(mirroring(viewOf(status), performance.now() - startedAt, screen.paint)),
  };
  const mirrorStartedAt = performance.now();
  await mirrored(watch, MIRROR_LIMIT_MS);
  const mirrorSeconds = (performance.now() - mirrorStartedAt) / 1_000;
  screen.say(
    `mirrored ${size.customers + size.products + size.orders} objects in ${mirrorSeconds.toFixed(1)} s`,
  );

  const quiet: Watch = {
    ...watch,
    look: (status) => screen.show(living(viewOf(status), screen.paint)),
  };
  const changes = await changeUnderFaults(running, quiet);
  await delivered(shop, signal);
  await drained(quiet, DRAIN_LIMIT_MS, STILL_MS);
  const afterWebhooks = await differencesOf(running, store!.id);
  await detect(running, quiet, 'sweep');
  const afterSweeps = await differencesOf(running, store!.id);
  await detect(running, quiet, 'census');
  let atEnd = await differencesOf(running, store!.id);
  if (atEnd.differences.length > 0) {
    // Some fields move without `updatedAt`: tags, consent, unit cost. Only reading every object again finds them.
    await detect(running, quiet, 'content');
    atEnd = await differencesOf(running, store!.id);
  }
  // Certificates are completed and gaps get their causes once nothing waits.
  await driftless.host.runTimer('Tick');
  const status = await driftless.service.database.status(store!.id);
  await driftless.service.database.pauseStore(store!.id);
  const certificates = await driftless.service.database.certificates(store!.id, CERTIFICATES);
  const stats = await shop.stats();
  const right = (found: Compared) =>
    changes.filter(({ kind, id }) => !found.wrong.has(`${kind}:${id}`)).length;
  const viaWebhook = right(afterWebhooks);
  const viaSweep = Math.max(0, right(afterSweeps) - viaWebhook);
  return {
    differences: atEnd.differences,
    certificates: certificates.toReversed(),
    report: {
      converged: atEnd.differences.length === 0,
      objects: atEnd.objects,
      changes: changes.length,
      viaWebhook,
      viaSweep,
      viaCensus: Math.max(0, right(atEnd) - viaWebhook - viaSweep),
      gapsHealed: status.gapsHealed,
      gapCauses: status.gapCauses,
      lagP50Ms: status.lagP50Ms,
      lagP99Ms: status.lagP99Ms,
      points: Math.round(stats.api.points),
      requests: stats.api.requests,
      throttled: stats.api.throttled,
      mirrorSeconds: Number(mirrorSeconds.toFixed(1)),
      seconds: Number(((performance.now() - startedAt) / 1_000).toFixed(1)),
    },
  };
}

async function changeUnderFaults(
  { options, screen, shop, signal, driftless }: Running,
  watch: Watch,
): Promise<readonly Change[]> {
  await shop.setFaults({ webhooks: FAULTS });
  const changes: Change[] = [];
  let lookAt = 0;
  for await (const change of shop.changes({
    count: options.changes,
    perSecond: options.rate,
    seed: options.seed,
  })) {
    signal.throwIfAborted();
    changes.push(change);
    if (performance.now() < lookAt) continue;
    watch.look?.(await driftless.service.database.status(watch.storeId));
    lookAt = performance.now() + 500;
  }
  screen.say(
    `${changes.length} changes made under faults: ${Object.entries(FAULTS)
      .map(([name, rate]) => `${rate * 100} % ${name}`)
      .join(', ')}`,
  );
  return changes;
}

/** Shopify has sent what it is going to send. */
async function delivered(shop: SimulatedShop, signal: AbortSignal): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    signal.throwIfAborted();
    if ((await shop.stats()).webhooks.pending === 0) return;
    await sleep(200);
  }
}

/** Runs a detector over every entity through the manual door, and waits for what it found to be refreshed. */
async function detect(
  { driftless, shop, screen }: Running,
  watch: Watch,
  kind: 'sweep' | 'census' | 'content',
): Promise<void> {
  await sleep(LAGS.indexLagMs);
  const response = await fetch(`${driftless.host.url}/api/reconcile`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': driftless.host.functionKey },
    body: JSON.stringify({ store: shop.domain, entity: 'all', kind }),
  });
  if (response.status !== 202) throw new Error(`the manual ${kind} was refused: ${await response.text()}`);
  await drained(watch, DRAIN_LIMIT_MS, STILL_MS);
  screen.say(`${kind} done`);
}

interface Compared {
  readonly objects: number;
  readonly differences: readonly Difference[];
  readonly wrong: ReadonlySet<string>;
}

async function differencesOf({ driftless, shop }: Running, storeId: number): Promise<Compared> {
  let objects = 0;
  const differences: Difference[] = [];
  for (const entity of ENTITY_NAMES) {
    const found = await compare(driftless.service.database, storeId, entity, shop.truth(entity));
    objects += found.objects;
    differences.push(...found.differences);
  }
  return { objects, differences, wrong: new Set(differences.map(({ entity, id }) => `${entity}:${id}`)) };
}
