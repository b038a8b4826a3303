import { setTimeout as sleep } from 'node:timers/promises';
import { Transient } from '../src/failures.ts';
import { connect } from './connecting.ts';
import type { Driftless } from './driftless.ts';
import type { Screen } from './screen.ts';
import { Watched } from './watched.ts';

/** Mirrors the configured stores, then keeps them true until interrupted, and shows how they are doing. */
export interface Living {
  readonly driftless: Driftless;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** Stand below the picture. */
  readonly notes: readonly string[];
  /** Once the first store is mirrored and listened to; answers what to say. */
  readonly onMirrored: () => Promise<string>;
}

const LOOK_MS = { living: 1_000, otherwise: 200 } as const;
/** A look counts every row and holds up everything else meanwhile, so it may take a twentieth of the time. */
const LOOK_SHARE = 20;

/** Throws a `Reject` when no store can ever be connected. */
export async function live(life: Living): Promise<void> {
  const { driftless, screen, onMirrored } = life;
  const over = new AbortController();
  const signal = AbortSignal.any([life.signal, over.signal]);
  const mirrored = Promise.withResolvers<void>();
  const known = new Set((await driftless.service.database.stores()).map(({ domain }) => domain));
  const connected = connect({ service: driftless.service, say: screen.say, signal });
  const begin = async () => {
    await Promise.all([connected, mirrored.promise]);
    if (!signal.aborted) screen.say(await onMirrored());
  };
  try {
    await Promise.all([look({ ...life, signal }, known, mirrored.resolve), begin()]);
  } catch (error) {
    if (!life.signal.aborted) throw error;
  } finally {
    over.abort();
  }
}

/** Shows what the database says, which is there before Shopify is asked, until interrupted. */
async function look(life: Living, known: ReadonlySet<string>, mirrored: () => void): Promise<void> {
  const { screen, signal } = life;
  const watched = new Map<string, Watched>();
  let trouble = '';
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      await draw(life, watched, known);
      trouble = '';
    } catch (error) {
      // The database is away for a moment; the work waits for it too, and nothing is lost.
      if (!(error instanceof Transient)) throw error;
      if (error.message !== trouble) screen.say(error.message);
      trouble = error.message;
    }
    const phases = [...watched.values()].map(({ phase }) => phase);
    if (phases.includes('living')) mirrored();
    const settled = phases.length > 0 && phases.every((phase) => phase === 'living');
    const pauseMs = settled ? LOOK_MS.living : LOOK_MS.otherwise;
    const tookMs = performance.now() - startedAt;
    await sleep(Math.max(pauseMs, tookMs * LOOK_SHARE), undefined, { signal }).catch(() => {});
  }
  mirrored();
}

async function draw(
  { driftless, screen, notes }: Living,
  watched: Map<string, Watched>,
  known: ReadonlySet<string>,
): Promise<void> {
  const { service } = driftless;
  const configured = new Set(service.configuredStores.map(({ domain }) => domain));
  for (const store of await service.database.stores()) {
    if (![store.domain, ...store.formerDomains].some((name) => configured.has(name))) continue;
    const watch = watched.get(`${store.id}`) ?? new Watched(service, screen, known.has(store.domain));
    watched.set(`${store.id}`, watch);
    await watch.look(store);
  }
  const all = [...watched.values()];
  const picture = all.flatMap((watch) => watch.picture(all.length > 1));
  if (picture.length > 0) screen.show(['', ...picture, '', ...footer(driftless, notes, screen)]);
}

const footer = (driftless: Driftless, notes: readonly string[], { paint }: Screen): readonly string[] =>
  [...notes, ...byHand(driftless)].map((note) => paint('dim', `  ${note}`));

/** The key opens this start's door on this machine only. */
const byHand = ({ host }: Driftless): readonly string[] => [
  `Reconcile by hand: POST ${host.url}/api/reconcile; privacy: GET and POST ${host.url}/api/privacy`,
  `with x-functions-key: ${host.functionKey}`,
];
