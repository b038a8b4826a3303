import { parse } from 'lossless-json';
import { z } from 'zod';
import type { TopicKey } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf, isEntityName } from '../src/entities/registry.ts';
import { idOfGid, isId } from '../src/ids.ts';
import { traceparent } from '../src/telemetry.ts';
import { TOPICS, type Topics } from './topics.ts';
import { type Delivery, timeOf } from './verify.ts';

/**
 * What a delivery becomes: which keys may be stale, and why. Small, always; the body is never copied further.
 *
 * Ids are read losslessly: they are JSON numbers that exceed 2^53. A signed body can be replayed under another
 * topic, so it must look like its topic: the GID it carries names the topic's own type, and a delete body has no
 * field but ids (anything else is an update).
 *
 * Shopify cuts what is too large for the way it goes (over EventBridge, 1,000,000 bytes) down to `{"id": …}`. Where that
 * is not the key of what has changed nothing can be marked, and a look through the entity is owed instead.
 */
export const signal = z.object({
  /** Null when the database was away and the store was known by its configuration alone: the domain then says which. */
  storeId: z.int().nullable(),
  domain: z.string().default(''),
  topic: z.string(),
  webhookId: z.string(),
  triggeredAt: z.number().nullable(),
  receivedAt: z.number(),
  /** The version of the Admin API that the body was made for, as its header says. */
  apiVersion: z.string().nullable().default(null),
  /** How often marking has failed: the delay of the next try grows with it. */
  attempt: z.int().default(0),
  /** Sent by ourselves, SETTLE after the first: rows that a read under way wrote meanwhile are found now. */
  echo: z.boolean().default(false),
  /** The trace of the delivery, if there is one. */
  traceparent,
  keys: z.array(
    z.object({
      entity: z.enum(ENTITY_NAMES),
      id: z.string(),
      announces: z.enum(['presence', 'absence']),
      expectedUpdatedAt: z.number().nullable(),
      through: z.object({ table: z.string(), column: z.string() }).nullable(),
    }),
  ),
  /** Entities to be looked through, because the body was cut. */
  owes: z
    .array(z.object({ entity: z.enum(ENTITY_NAMES), kind: z.enum(['sweep', 'census', 'content']) }))
    .optional(),
});
export type Signal = z.output<typeof signal>;
export type Owed = NonNullable<Signal['owes']>[number];
type Key = Signal['keys'][number];

export type Understood =
  | { readonly ok: true; readonly keys: readonly Key[]; readonly owes: readonly Owed[] }
  | { readonly ok: false; readonly why: 'unknown topic' | 'invalid JSON' | 'not a body of its topic' };

type Json = Readonly<Record<string, unknown>>;

export function understand(delivery: Delivery, topics: Topics = TOPICS): Understood {
  const named = topics.get(delivery.topic);
  if (named === undefined) return { ok: false, why: 'unknown topic' };
  const body = bodyOf(delivery);
  if (body === null) return { ok: false, why: 'invalid JSON' };
  const told = named.map((topicKeys) => toldBy(topicKeys, body)).filter((each) => each !== null);
  if (told.length === 0) return { ok: false, why: 'not a body of its topic' };
  return { ok: true, keys: told.flatMap(({ keys }) => keys), owes: told.flatMap(({ owes }) => owes) };
}

/** What the body tells one entity; null where it lacks one of its keys. */
function toldBy(topicKeys: readonly TopicKey[], body: Json) {
  const isCut = Object.keys(body).length === 1 && idAt(body, 'id', undefined) !== null;
  const elsewhere = isCut ? topicKeys.filter(({ path }) => path !== 'id') : [];
  const owes = elsewhere.flatMap(({ entity, cut }) =>
    isEntityName(entity) ? [{ entity, kind: cut ?? ('sweep' as const) }] : [],
  );
  const here = topicKeys.filter((each) => !elsewhere.includes(each)).map((each) => keyOf(each, body));
  const keys = here.filter((key) => key !== null);
  return keys.length === here.length ? { keys, owes } : null;
}

/**
 * Numbers stay the text they were. The signature has proved who wrote the bytes: a broken character in a note or a
 * key that stands twice must not cost the signal, for the ids beside it are sound.
 */
export function bodyOf({ body: bytes }: Pick<Delivery, 'body'>): Json | null {
  try {
    const value = parse(new TextDecoder().decode(bytes), null, {
      parseNumber: (digits) => digits,
      onDuplicateKey: ({ newValue }) => newValue,
    });
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

function keyOf(topicKey: TopicKey, body: Json): Key | null {
  if (!isEntityName(topicKey.entity)) return null;
  const entity = entityOf(topicKey.entity);
  // Through another column the id is that of another type; its own topics say which.
  const id = idAt(body, topicKey.path, topicKey.through === undefined ? entity.type : undefined);
  const self = body['admin_graphql_api_id'];
  const selfId = typeof self === 'string' ? idOfGid(self, entity.type) : null;
  const speaksOfItself = topicKey.path === 'id' && topicKey.through === undefined;
  if (id === null || (speaksOfItself && self !== undefined && selfId === null)) return null;
  // Sample bodies may carry a rounded numeric id beside the exact GID: the GID is right.
  const key = {
    entity: topicKey.entity,
    id: speaksOfItself ? (selfId ?? id) : id,
    through: topicKey.through ?? null,
  };
  // A delete body has no field but ids; a merge names the one that is gone in a field of its own.
  const saysGone = topicKey.announces === 'absence' && (topicKey.path !== 'id' || hasOnlyIds(body));
  if (saysGone) return { ...key, announces: 'absence', expectedUpdatedAt: null };
  return {
    ...key,
    announces: 'presence',
    expectedUpdatedAt: topicKey.own && selfId !== null ? versionOf(body) : null,
  };
}

/** A number, its text, or a GID of the type (any type if none is given). */
function idAt(body: Json, path: string, type: string | undefined): string | null {
  let here: unknown = body;
  for (const field of path.split('.')) here = (here as Json | null | undefined)?.[field];
  if (typeof here !== 'string') return null;
  return isId(here) ? here : idOfGid(here, type);
}

const hasOnlyIds = (body: Json): boolean =>
  Object.keys(body).every((field) => ['id', 'admin_graphql_api_id', 'tax_exemptions'].includes(field));

/** `updated_at` of the body, a time of the shop's zone in whole seconds. */
function versionOf(body: Json): number | null {
  const at = timeOf(body['updated_at']);
  return at === null ? null : Math.floor(at / 1_000) * 1_000;
}
