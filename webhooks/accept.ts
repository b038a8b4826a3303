import { unheard, uninstalled } from '../src/errand.ts';
import { Transient } from '../src/failures.ts';
import { isPlausibleLag } from '../src/metrics.ts';
import type { Service } from '../src/service.ts';
import { twinsOf } from '../src/store-names.ts';
import { askedFor, type Compliance, isCompliance } from './compliance.ts';
import { isLifeCycle, isOfShop } from './life-cycle.ts';
import { answer, type Reply, refuse, topicOf } from './reply.ts';
import type { KnownStore } from './sender.ts';
import { type Signal, understand } from './signal.ts';
import type { Delivery } from './verify.ts';

/**
 * An authentic delivery becomes one small message, by what it is about: an object that changed, the app itself, or the
 * privacy of a person. What is answered 200 is a promise that a queue keeps (R4).
 */
type Deps = Pick<Service, 'queues' | 'directory' | 'clock' | 'log' | 'telemetry'>;

export async function accept(deps: Deps, store: KnownStore, delivery: Delivery): Promise<Reply> {
  // Also of a store that rests: its erasure is asked for two days after the app was uninstalled.
  if (isCompliance(delivery)) return await promise(deps, store, delivery);
  if (!store.active) return await countedOnly(deps, store, delivery);
  if (isLifeCycle(delivery)) return await lookAt(deps, store, delivery);
  return await signalOf(deps, store, delivery);
}

/**
 * Of a store that rests: what changed is found when it is resumed. That somebody still delivers is counted by a worker,
 * one small message for each as for any other delivery, and is a reason to try the store's credentials.
 */
async function countedOnly(deps: Deps, store: KnownStore, delivery: Delivery): Promise<Reply> {
  await deps.queues.send('errands', unheard(idOf(store)));
  return answer(deps, store, delivery, 'inactive', 'store is not active');
}

async function signalOf(deps: Deps, store: KnownStore, delivery: Delivery): Promise<Reply> {
  const understood = understand(delivery);
  if (!understood.ok) return misunderstood(deps, store, delivery, understood.why);
  const signal: Signal = {
    storeId: store.id,
    domain: store.domain,
    topic: delivery.topic,
    webhookId: delivery.webhookId,
    triggeredAt: delivery.triggeredAt,
    receivedAt: deps.clock(),
    apiVersion: delivery.apiVersion,
    attempt: 0,
    echo: false,
    traceparent: deps.telemetry.traceparent() ?? undefined,
    keys: [...understood.keys],
    ...(understood.owes.length > 0 && { owes: [...understood.owes] }),
  };
  await deps.queues.send('signals', signal);
  const lagMs = signal.triggeredAt === null ? Number.NaN : signal.receivedAt - signal.triggeredAt;
  if (isPlausibleLag(lagMs))
    deps.telemetry.measure('Webhook.Lag', Math.max(0, lagMs), {
      StoreId: store.id,
      Topic: topicOf(delivery),
    });
  return answer(deps, store, delivery, 'accepted');
}

/** What is told of the app itself is no more than a reason to look. */
async function lookAt(deps: Deps, store: KnownStore, delivery: Delivery): Promise<Reply> {
  if (!isOfShop(delivery, store)) return misunderstood(deps, store, delivery, 'not a body of its topic');
  await deps.queues.send('errands', uninstalled(idOf(store)));
  return answer(deps, store, delivery, 'accepted');
}

/** Recorded and carried out by a worker; in each row of the shop, where an earlier release made a second one. */
async function promise(deps: Deps, store: KnownStore, delivery: Compliance): Promise<Reply> {
  const twins = twinsOf(await deps.directory.all(), { id: idOf(store), shopId: store.shopId });
  for (const each of [store, ...twins]) {
    const asked = askedFor(delivery, { ...each, id: idOf(each) }, deps.clock());
    if (!asked.ok) return misunderstood(deps, store, delivery, asked.why);
    for (const message of asked.messages) await deps.queues.send('privacy', message);
  }
  return answer(deps, store, delivery, 'accepted');
}

function idOf({ id }: KnownStore): number {
  if (id === null) throw new Transient('which store this is cannot be looked up now');
  return id;
}

function misunderstood(
  deps: Deps,
  store: KnownStore,
  delivery: Delivery,
  why: 'unknown topic' | 'invalid JSON' | 'not a body of its topic' | 'a body of another shop',
): Reply {
  // Anybody who has one body may send it under any topic: what is no topic at all is not written down.
  const topic = /^[A-Z_]{1,60}$/.test(delivery.topic) ? delivery.topic : 'unreadable';
  const about = { StoreId: store.id, Topic: topic };
  if (why === 'unknown topic') {
    deps.log('topicUnknown', about);
    return answer(deps, store, delivery, 'ignored', why);
  }
  // Nobody asks for it twice: a shape that Shopify has changed is a duty of somebody's.
  deps.log(isCompliance(delivery) ? 'privacyNotUnderstood' : 'bodyRefused', { ...about, Cause: why });
  return refuse(deps, why, { status: 400, reason: `${why}: nothing was changed` }, store);
}
