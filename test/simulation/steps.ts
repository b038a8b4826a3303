import { doErrand } from '../../app/errands.ts';
import { answerPrivacy } from '../../privacy/carry-out.ts';
import { answer } from '../../reconcile/bell.ts';
import { tick } from '../../reconcile/tick.ts';
import { doWork, work } from '../../reconcile/work.ts';
import { change, ImpossibleChange } from '../../simulator/changes.ts';
import { redactCustomer } from '../../simulator/privacy.ts';
import { Random } from '../../simulator/random.ts';
import { noFaults } from '../../simulator/webhooks/faults.ts';
import { doorbell } from '../../src/doorbell.ts';
import { errand } from '../../src/errand.ts';
import { Fenced, Transient } from '../../src/failures.ts';
import { privacyMessage } from '../../src/privacy-request.ts';
import type { Service } from '../../src/service.ts';
import { markSignal } from '../../webhooks/marking.ts';
import { signal } from '../../webhooks/signal.ts';
import type { Announced } from './announced.ts';
import {
  pauseStore,
  releaseBrake,
  renameShop,
  resumeStore,
  setAccess,
  setScope,
  upkeepBy,
  vanish,
} from './happenings.ts';
import type { Instance } from './instance.ts';
import type { Step } from './plan.ts';
import type { Letter } from './post-office.ts';
import type { TinyWorld } from './world.ts';

/** What each step does. None of them fails: what goes wrong is either meant or a violation. */
type Doing<D extends Step['do']> = Extract<Step, { readonly do: D }>;

export async function perform(world: TinyWorld, announced: Announced, step: Step): Promise<void> {
  const { stage } = world;
  if ('lag' in step && step.lag) world.answers.setLag(step.lag);
  else world.answers.setLag({ replicaMs: [0], indexMs: 0 });
  switch (step.do) {
    case 'change':
      return changeShop(world, announced, step);
    case 'pass':
      return world.wait(step.ms);
    case 'deliver':
      return await stage.perform(step.trouble, () => deliver(world, step));
    case 'work':
      return await stage.perform(step.trouble, () => workOff(world, step));
    case 'resume':
      return await stage.resume(step.pick, step.trouble);
    case 'detect':
      return world.office.send('sweeps', { storeId: STORE, entity: step.entity, kind: step.detector });
    case 'tick':
      return await stage.perform(step.trouble, () => tickOn(world, world.instance(step.by)));
    case 'omit':
      return omit(world, step);
    case 'erase':
      return askForErasure(world, step);
    case 'clock':
      return setClock(world, step);
    case 'access':
      return setAccess(world, step);
    case 'scope':
      return setScope(world, step);
    case 'store':
      return await stage.perform(undefined, () =>
        step.is === 'paused' ? pauseStore(world) : resumeStore(world),
      );
    case 'release':
      return await stage.perform(undefined, () => releaseBrake(world));
    case 'rename':
      return renameShop(world, step);
    case 'upkeep':
      return await stage.perform(undefined, () => upkeepBy(world, step.by));
    case 'vanish':
      return vanish(world, step);
  }
}

/** The only store; the database is emptied with its counters. */
export const STORE = 1;

function changeShop(world: TinyWorld, announced: Announced, step: Doing<'change'>): void {
  const { shop, courier, exercised } = world;
  const fault = step.deliveries ?? null;
  const random = new Random(step.seed);
  const isCourierFault = fault !== null && fault !== 'replayed';
  courier.faults = {
    ...noFaults(),
    ...(isCourierFault ? { [fault]: 1 } : {}),
    lateMs: random.pick([20_000, 90_000, 700_000]),
    reorderedMs: random.pick([800, 20_000]),
  };
  if (fault === 'replayed') world.replaying = true;
  const before = { ...courier.stats };
  try {
    const made = change(shop, random, step.what ? { what: step.what } : {});
    world.exercised.counts.changes++;
    announced.note(made, fault === 'lost');
  } catch (error) {
    if (!(error instanceof ImpossibleChange)) throw error;
  }
  if (isCourierFault && courier.stats[fault] > before[fault]) exercised.fault(fault);
  courier.faults = noFaults();
}

async function deliver(world: TinyWorld, { by }: Doing<'deliver'>): Promise<void> {
  const { courier, stage } = world;
  world.door = by;
  const before = courier.stats.delivered;
  const instance = world.instance(by);
  await courier.pump();
  if (stage.crashesAfter('delivery answered, signal not worked') && courier.stats.delivered > before)
    stage.kill(instance, 'delivery answered, signal not worked');
}

async function workOff(world: TinyWorld, { by, queue, pick, count = 1 }: Doing<'work'>): Promise<void> {
  for (let n = 0; n < count; n++) {
    const taken = world.office.receive(queue, pick);
    if (taken === null) return;
    if (taken.again) world.exercised.fault('redelivered');
    await workOn(world, world.instance(by), taken.letter);
  }
}

/** As the host does it: a handler that fails gets the message again, whatever it was. */
export async function workOn(world: TinyWorld, instance: Instance, letter: Letter): Promise<void> {
  try {
    await handle(instance.service, letter);
  } catch (error) {
    note(world, error);
    world.office.fail(letter);
    return;
  }
  await instance.at('message worked, not completed');
  world.office.complete(letter);
}

async function handle(service: Service, { queue, text }: Letter): Promise<void> {
  const json: unknown = JSON.parse(text);
  switch (queue) {
    case 'signals':
      return await markSignal(service, signal.parse(json));
    case 'refresh':
      return await answer(service, doorbell.parse(json));
    case 'sweeps':
      return await doWork(service, work.parse(json));
    case 'errands':
      return await doErrand(service, errand.parse(json));
    case 'privacy':
      return await answerPrivacy(service, privacyMessage.parse(json));
  }
}

export async function tickOn(world: TinyWorld, { service }: Instance): Promise<void> {
  try {
    await tick(service);
  } catch (error) {
    note(world, error);
  }
}

/** Whatever is neither passing trouble nor a lost lease is a bug: nothing here needs an operator. */
function note({ violations }: TinyWorld, error: unknown): void {
  if (error instanceof Transient || error instanceof Fenced) return;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  violations.add('bug', text);
}

function setClock(world: TinyWorld, { of, ms }: Doing<'clock'>): void {
  world.setClock(of, ms);
  world.exercised.fault('steppedClock');
}

function askForErasure({ shop, rules }: TinyWorld, { seed }: Doing<'erase'>): void {
  const { size } = shop.customers;
  const customer = size > 0 ? shop.customers.at(new Random(seed).between(0, size - 1)) : undefined;
  if (customer === undefined) return;
  redactCustomer(shop, customer, false);
  const orders = [...shop.orders.values()].filter(({ customerGid }) => customerGid === customer.id);
  rules.asked.set(customer.id, [...(rules.asked.get(customer.id) ?? []), ...orders.map(({ id }) => id)]);
}

function omit({ shop, rules, exercised }: TinyWorld, { seed }: Doing<'omit'>): void {
  const random = new Random(seed);
  const kind = random.pick(['customers', 'products', 'orders'] as const);
  const { size } = shop.collection(kind);
  const object = size > 0 ? shop.collection(kind).at(random.between(0, size - 1)) : undefined;
  if (object === undefined) return;
  shop.consistency.omitFromIndex.add(object.id);
  rules.omitted.add(object.id);
  exercised.fault('omitted');
}
