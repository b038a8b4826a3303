import { attend } from '../../app/upkeep.ts';
import { compare } from '../../local/compare.ts';
import { expectedRows } from '../../simulator/expected.ts';
import { noFaults } from '../../simulator/webhooks/faults.ts';
import { DEFAULT_TIMING } from '../../src/clock.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { QUEUE_NAMES } from '../../src/queues.ts';
import type { Announced } from './announced.ts';
import { releaseBrake, restore } from './happenings.ts';
import { STORE, tickOn, workOn } from './steps.ts';
import { isUnversioned } from './unversioned.ts';
import type { TinyWorld } from './world.ts';

/**
 * After the faults have stopped: everything that was announced is mirrored (R4); a sweep and a census make the rest
 * right, and where it is a content census, also what moves without `updatedAt` (R1); and then it is still (R14). All
 * of it within a bounded number of ticks.
 */
const TICKS_MAX = 120;
const MESSAGES_MAX = 3_000;
const MINUTE_MS = 60_000;
const { overlapMs: OVERLAP_MS } = DEFAULT_TIMING;
/** What falls due within this time is worked off together. */
const PATIENCE_MS = 20_000;

export async function recover(world: TinyWorld, announced: Announced): Promise<void> {
  const { stage, courier, shop, violations, ground, rules } = world;
  courier.faults = noFaults();
  world.answers.pageSize = null;
  world.answers.setLag({ replicaMs: [0], indexMs: 0 });
  shop.consistency.omitFromIndex.clear();
  while (stage.suspendedCount > 0) await stage.resume(0, undefined);
  await restore(world);
  // Whoever is told that so much is gone looks, and says that it is.
  if (world.plan.crowd) await stage.perform(undefined, () => releaseBrake(world));
  await comeToRest(world);
  await announced.check(ground, STORE, violations);
  rules.erasedAsAsked('requests');
  // Every change is older now than the index ever lagged: the next watermark passes none of them unmarked (R5).
  world.wait(OVERLAP_MS);
  const depth = world.plan.seed % 2 === 0 ? 'census' : 'content';
  for (const detector of ['sweep', depth] as const) {
    for (const entity of ENTITY_NAMES)
      world.office.send('sweeps', { storeId: STORE, entity, kind: detector });
    await comeToRest(world);
    // What the index never showed only a census finds.
    if (detector === depth) rules.omitted.clear();
  }
  rules.erasedAsAsked(depth);
  await compareWithTruth(world, depth);
  await staysStill(world);
  world.soundness.ended();
  if (world.office.poisoned.length > 0) violations.add('R4', 'a message of a healthy store was given up');
}

/** Until no message is left, no delivery is on its way, no mark waits, no link is owed and no run says that it runs. */
export async function comeToRest(world: TinyWorld): Promise<void> {
  const { office, ground, exercised, violations } = world;
  let ticks = 0;
  for (; ticks < TICKS_MAX; ticks++) {
    const next = await workAll(world);
    const due = ground.nextDueAt();
    const runs = ground.runningRuns();
    const owed = ground.linksOwed() + ground.openRequests() + ground.censusesOwed();
    if (next === null && due === null && runs === 0 && owed === 0) break;
    const waits = [next, due, runs > 0 ? world.now + 15 * MINUTE_MS : null].filter((at) => at !== null);
    const until = Math.min(...waits, Number.POSITIVE_INFINITY);
    world.wait(Number.isFinite(until) ? Math.max(until - world.now, MINUTE_MS) : MINUTE_MS);
    await world.stage.perform(undefined, () => tickOn(world, world.instance(0)));
  }
  exercised.counts.ticks += ticks;
  exercised.counts.ticksMost = Math.max(exercised.counts.ticksMost, ticks);
  if (ticks === TICKS_MAX)
    violations.add(
      'R14',
      `after ${TICKS_MAX} ticks ${office.length} messages and ${ground.marks().size} marks are left`,
    );
}

/** Everything that is visible, and deliveries that are due; answers when the next thing is, beyond a minute. */
async function workAll(world: TinyWorld): Promise<number | null> {
  const { office, courier, stage, plan, violations } = world;
  for (let worked = 0; worked < MESSAGES_MAX; ) {
    await stage.perform(undefined, () => courier.pump());
    let any = false;
    for (const queue of QUEUE_NAMES)
      for (let taken = office.receive(queue, 0); taken; taken = office.receive(queue, 0)) {
        const { letter } = taken;
        any = true;
        const instance = world.instance(worked++ % 2 === 0 ? 0 : 1);
        await stage.perform(undefined, () => workOn(world, instance, letter));
        if (worked >= MESSAGES_MAX) break;
      }
    await checkNow(world);
    if (any) continue;
    const delivery = courier.nextDueAt === null ? null : courier.nextDueAt - plan.shopifyAheadMs;
    const waits = [office.nextVisibleAt, delivery].filter((at) => at !== null);
    if (waits.length === 0) return null;
    const next = Math.min(...waits);
    if (next > world.now + MINUTE_MS) return next;
    world.wait(Math.max(PATIENCE_MS, next - world.now));
  }
  violations.add('R14', `the queues do not come to rest after ${MESSAGES_MAX} messages`);
  return null;
}

export async function checkNow({ stage, rules, soundness }: TinyWorld): Promise<void> {
  if (!stage.touched) return;
  stage.touched = false;
  rules.check();
  await soundness.check();
}

/** Where they differ after the census, only that may that moves without `updatedAt`; after the content census nothing. */
async function compareWithTruth(world: TinyWorld, after: 'census' | 'content'): Promise<void> {
  for (const entity of ENTITY_NAMES) {
    const { differences } = await compare(
      world.ground.database,
      STORE,
      entity,
      expectedRows(world.shop, entity),
    );
    for (const { where } of differences)
      if (after === 'content' || !isUnversioned(where))
        world.violations.add('R1', `after the ${after}: ${where}`);
  }
}

/** R14: half an hour passes in silence, and a sweep costs one request for each entity and changes nothing. */
async function staysStill(world: TinyWorld): Promise<void> {
  const { ground, violations, office } = world;
  const before = ground.stillness();
  const asked = world.requests;
  for (let n = 0; n < 3; n++) {
    world.wait(10 * MINUTE_MS);
    await world.stage.perform(undefined, () => tickOn(world, world.instance(0)));
    await workAll(world);
  }
  if (world.requests !== asked) violations.add('R14', 'a still store was asked');
  for (const entity of ENTITY_NAMES) office.send('sweeps', { storeId: STORE, entity, kind: 'sweep' });
  await workAll(world);
  const cost = world.requests - asked;
  if (cost !== ENTITY_NAMES.length)
    violations.add('R14', `three sweeps over a still store cost ${cost} requests`);
  if (ground.stillness() !== before) violations.add('R14', 'a sweep over a still store changed something');
}

/** The store is connected as the first tick does it, and its first mirror enqueued. */
export async function connect(world: TinyWorld): Promise<void> {
  const { service } = world.instance(0);
  for (const store of service.configuredStores) await attend(service, store);
}
