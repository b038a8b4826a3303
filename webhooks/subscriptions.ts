import type { EntityName } from '../src/entities/registry.ts';
import type { Service } from '../src/service.ts';
import type { AdminApi } from '../src/shopify/admin.ts';
import { API_VERSION } from '../src/shopify/documents.ts';
import type { Store } from '../src/store.ts';
import { LIFE_CYCLE_TOPICS } from './life-cycle.ts';
import {
  isWhole,
  listSubscriptions,
  makeWhole,
  type Subscription,
  subscribe,
  unsubscribe,
} from './subscription-api.ts';
import { entitiesOf, WANTED_TOPICS } from './topics.ts';

/**
 * Webhook subscriptions as they should be. Shopify deletes a shop's subscription after four hours of failed
 * deliveries, and whoever has the app's token may change one. So at start and hourly those that stand are compared
 * with the topics that the entities name, and mended. What may have happened unheard is owed to the mirror.
 */
type Deps = Pick<Service, 'database' | 'clock' | 'log'>;

/** The time until now was not heard of for these entities. */
type Owe = (entities: readonly EntityName[]) => Promise<void>;

const TOPICS: readonly string[] = [...WANTED_TOPICS, ...LIFE_CYCLE_TOPICS];

/** Mends what points to `url`, which is ours; subscriptions to other addresses are left alone. */
export async function mendSubscriptions(
  deps: Deps,
  api: AdminApi,
  store: Store,
  url: string,
  owe: Owe,
): Promise<void> {
  const { settings } = store;
  const ours = await listOurs(api, url);
  const { kept, spare } = sorted(ours);
  for (const { id } of spare) await unsubscribe(api, id);
  const broken = [...kept.values()].filter((each) => !isWhole(each));
  const missing = TOPICS.filter((topic) => !kept.has(topic));
  // What Shopify refused before costs nothing new; what it refused and now stands was put up by one who died since.
  const before = new Set(settings.refusedTopics);
  const unheard = [
    ...missing.filter((topic) => !before.has(topic)),
    ...[...kept.keys()].filter((topic) => before.has(topic)),
    ...broken.map(({ topic }) => topic),
  ];
  // Owed before they are mended: a process that dies in between must not owe it for ever.
  if (unheard.length > 0) await owe(entitiesOf(unheard));
  const refusals = new Map<string, string>();
  const attempt = async (topic: string, why: Promise<string | null>) => {
    const refusal = await why;
    if (refusal !== null) refusals.set(topic, refusal);
  };
  for (const each of broken) await attempt(each.topic, makeWhole(api, each));
  for (const topic of missing) await attempt(topic, subscribe(api, topic, url));
  // Another process may have been at it too: what it put up first is refused here, and stands.
  if ([...refusals.keys()].some((topic) => !before.has(topic)))
    for (const { topic } of await listOurs(api, url)) refusals.delete(topic);
  const granted = missing.filter((topic) => before.has(topic) && !refusals.has(topic));
  if (granted.length > 0) await owe(entitiesOf(granted));
  say(deps, store, unheard, refusals);
  await remember(deps, store, ours, [...refusals.keys()].sort());
}

const listOurs = async (api: AdminApi, url: string): Promise<readonly Subscription[]> =>
  (await listSubscriptions(api)).filter(({ uri }) => uri === url);

/** One for each wanted topic, a whole one if there is any; the others of ours are spare. */
function sorted(ours: readonly Subscription[]) {
  const kept = new Map<string, Subscription>();
  for (const each of ours.toSorted((a, b) => Number(isWhole(b)) - Number(isWhole(a))))
    if (TOPICS.includes(each.topic) && !kept.has(each.topic)) kept.set(each.topic, each);
  return { kept, spare: ours.filter((each) => kept.get(each.topic) !== each) };
}

function say(
  { log }: Deps,
  { id, settings: { subscribedAt, refusedTopics } }: Store,
  unheard: readonly string[],
  refusals: ReadonlyMap<string, string>,
): void {
  const mended = unheard.filter((topic) => !refusals.has(topic));
  if (mended.length > 0 && subscribedAt !== null)
    log('subscriptionsMended', { StoreId: id, StartTime: subscribedAt, Topics: mended.join(', ') });
  const news = [...refusals.keys()].filter((topic) => !refusedTopics.includes(topic));
  if (news.length > 0)
    log('topicsRefused', {
      StoreId: id,
      Topics: news.join(', '),
      Cause: [...new Set(refusals.values())].join('; '),
    });
}

/** How long another version is shown that came with a delivery, after the subscriptions say that all is well. */
const SHOWN_MS = 2 * 3_600_000;

async function remember(
  { database, clock, log }: Deps,
  { id, settings }: Store,
  ours: readonly Subscription[],
  refusedTopics: readonly string[],
): Promise<void> {
  const now = clock();
  const other = ours.find(({ apiVersion }) => apiVersion.handle !== API_VERSION)?.apiVersion.handle;
  const isOver = settings.otherVersion === null || now - settings.otherVersion.at > SHOWN_MS;
  const otherVersion = other ? { version: other, at: now } : isOver ? null : settings.otherVersion;
  if (other !== undefined) log('versionOdd', { StoreId: id, Version: other, Expected: API_VERSION });
  await database.updateSettings(id, { subscribedAt: now, refusedTopics, otherVersion });
}
