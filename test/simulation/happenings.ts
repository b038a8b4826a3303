import { resumeStore as endPause } from '../../app/pause-store.ts';
import { attend } from '../../app/upkeep.ts';
import { reconcile } from '../../reconcile/manual.ts';
import { Random } from '../../simulator/random.ts';
import { shopBody } from '../../simulator/webhooks/payloads/shop.ts';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import { pauseStore as beginPause } from '../../src/rest.ts';
import { SCOPES, type Step } from './plan.ts';
import { STORE } from './steps.ts';
import type { TinyWorld } from './world.ts';

/** What befalls a store as a whole: its app, its scopes, its name; and what operators do, said here alone. */
type Doing<D extends Step['do']> = Omit<Extract<Step, { readonly do: D }>, 'do'>;

/** No token works, and none is granted; what was granted before works again afterwards. */
export function setAccess(world: TinyWorld, { granted, told }: Doing<'access'>): void {
  const { shop, exercised, rules } = world;
  if (told && (granted === shop.installed || !granted))
    shop.courier.announce('app/uninstalled', shopBody(shop));
  if (granted && told) exercised.fault('falseUninstall');
  if (granted === shop.installed) return;
  shop.installed = granted;
  world.disturbed = true;
  rules.mayRest = true;
  if (!granted) exercised.fault('disconnected');
}

export function setScope(world: TinyWorld, { scope, granted }: Doing<'scope'>): void {
  const { shop, exercised, rules, soundness } = world;
  const others = shop.installation.scopes.filter((each) => each !== scope);
  const has = others.length < shop.installation.scopes.length;
  if (granted === has) return;
  shop.installation = { ...shop.installation, scopes: granted ? [...others, scope] : others };
  world.disturbed = true;
  if (granted) return;
  exercised.fault('scopeGone');
  if (scope === 'read_all_orders') rules.hidTheOld = true;
  for (const name of ENTITY_NAMES) if (entityOf(name).scope === scope) soundness.blinded.add(name);
}

/** By an operator. */
export async function pauseStore(world: TinyWorld): Promise<void> {
  const { service } = world.instance(0);
  const store = (await service.database.stores()).find(({ id }) => id === STORE);
  if (!store?.active) return;
  await beginPause(service, store);
  world.disturbed = true;
  world.rules.mayRest = true;
  world.exercised.fault('storePaused');
}

/** By an operator, too. */
export async function resumeStore(world: TinyWorld): Promise<void> {
  const { service } = world.instance(0);
  const store = (await service.database.stores()).find(({ id }) => id === STORE);
  if (store?.rest?.why === 'paused') await endPause(service, store);
}

/** Hourly in life: the store is connected, its scopes are asked, its subscriptions mended. */
export async function upkeepBy(world: TinyWorld, by: 0 | 1): Promise<void> {
  const { service } = world.instance(by);
  for (const store of service.configuredStores) await attend(service, store);
}

/** What an operator does when told that the brake holds; the census that follows frees the marks. */
export async function releaseBrake(world: TinyWorld): Promise<void> {
  await reconcile(world.instance(0).service, {
    store: world.shop.profile.domain,
    entity: 'all',
    kind: 'release',
  });
}

/** Another name for the same shop. Whoever asks the old one is sent to the new one. */
export function renameShop(world: TinyWorld, { corrected }: Doing<'rename'>): void {
  if (!corrected || world.answers.names === 1) {
    world.answers.rename(`renamed-${world.answers.names}.myshopify.com`);
    world.exercised.fault('renamed');
  }
  if (corrected) world.startAnew();
  world.disturbed = true;
}

/** Whatever befell the store is taken back, by merchant and operators, and the upkeep of the next hour notices. */
export async function restore(world: TinyWorld): Promise<void> {
  if (!world.disturbed) return;
  setAccess(world, { granted: true });
  for (const scope of SCOPES) setScope(world, { scope, granted: true });
  if (world.answers.names > 1) world.startAnew();
  await world.stage.perform(undefined, () => resumeStore(world));
  await world.stage.perform(undefined, () => upkeepBy(world, 0));
  // The other process takes it for resting for some seconds more, and drops what is asked of it: the next hour asks again.
  world.wait(10_000);
  await world.stage.perform(undefined, () => upkeepBy(world, 1));
}

/** Deleted, and nobody is told. */
export function vanish({ shop }: TinyWorld, { share, seed }: Doing<'vanish'>): void {
  const random = new Random(seed);
  for (const { id, numberOfOrders } of [...shop.customers.values()])
    if (numberOfOrders === '0' && random.chance(share)) shop.customers.delete(id);
}
