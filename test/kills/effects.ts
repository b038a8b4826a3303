/**
 * What became of every delivery that was answered with 2xx (R4): its signal was marked, its mark was refreshed, and
 * the mirror has reached the version that its body told of.
 */
import { ENTITY_NAMES, type EntityName, entityOf } from '../../src/entities/registry.ts';
import type { Logged, Outside, Version } from './outside.ts';
import type { Answered, Shopify } from './shopify.ts';

export interface Effects {
  readonly refreshed: number;
  /** Its mark still stands, waiting for its time. */
  readonly standing: number;
  /** It named an object through another that the mirror did not know: nothing could be marked. */
  readonly through: number;
  /** Deliveries whose version was compared with the mirror's. */
  readonly compared: number;
  /** What broke the promise of a 2xx. */
  readonly broken: readonly string[];
}

/** The keys of a topic, as the entities say. */
const KEYS = new Map(
  ENTITY_NAMES.flatMap((name) =>
    Object.entries(entityOf(name).topics).map(([topic, keys]) => [topic, { name, keys }] as const),
  ),
);

export async function effectsOf(
  answered: readonly Answered[],
  outside: Outside,
  shopify: Shopify,
): Promise<Effects> {
  const logged = await outside.deliveries();
  const rows = new Map<EntityName, ReadonlyMap<string, Version>>();
  for (const name of ENTITY_NAMES) rows.set(name, await outside.versions(name));
  const counts = { refreshed: 0, standing: 0, through: 0, compared: 0 };
  const broken: string[] = [];
  for (const delivery of new Map(answered.map((each) => [each.webhookId, each])).values()) {
    const end = endOf(delivery, logged.get(delivery.webhookId) ?? []);
    if (end === 'lost' || end === 'forgotten') broken.push(`${delivery.topic} ${delivery.webhookId}: ${end}`);
    else counts[end]++;
    const told = toldBy(delivery);
    if (told === null || end !== 'refreshed') continue;
    counts.compared++;
    const row = rows.get(told.entity)!.get(told.id);
    if (!reached(row, told.updatedAt) && !(row === undefined && !shopify.has(told.entity, told.gid)))
      broken.push(`${delivery.topic} ${delivery.webhookId}: ${told.gid} is older than what it told of`);
  }
  return { ...counts, broken };
}

type End = 'refreshed' | 'standing' | 'through' | 'lost' | 'forgotten';

function endOf({ topic }: Answered, logged: readonly Logged[]): End {
  const { keys = [] } = KEYS.get(enumOf(topic)) ?? {};
  if (logged.length === 0) return keys.every(({ through }) => through !== undefined) ? 'through' : 'lost';
  if (logged.every(({ refreshed }) => refreshed)) return 'refreshed';
  return logged.every(({ refreshed, marked }) => refreshed || marked) ? 'standing' : 'forgotten';
}

const enumOf = (topic: string): string => topic.toUpperCase().replace(/[/.]/g, '_');

/** The version of its own object that a body tells of; null where it tells none. Shopify's times are whole seconds. */
function toldBy({ topic, body }: Answered) {
  const known = KEYS.get(enumOf(topic));
  if (known === undefined || !known.keys.some(({ own }) => own)) return null;
  const json: unknown = JSON.parse(new TextDecoder().decode(body));
  const gid = textOf(json, 'admin_graphql_api_id');
  const updatedAt = Date.parse(textOf(json, 'updated_at'));
  if (gid === '' || Number.isNaN(updatedAt)) return null;
  const entity: EntityName = known.name;
  return { entity, gid, id: gid.slice(gid.lastIndexOf('/') + 1), updatedAt };
}

function textOf(json: unknown, field: string): string {
  const value: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, field) : undefined;
  return typeof value === 'string' ? value : '';
}

const reached = (row: Version | undefined, updatedAt: number): boolean =>
  row !== undefined && (row.deletedAt !== null || row.updatedAt >= Math.floor(updatedAt / 1_000) * 1_000);
