import type { Entity, TopicKey } from '../src/entities/entity.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';

/**
 * Which entities a topic tells of something. Two may name one topic: each has its own keys in the body and is told
 * whether the body has the other's or not.
 */
export type Topics = ReadonlyMap<string, readonly (readonly TopicKey[])[]>;

export const topicsOf = (entities: readonly Pick<Entity, 'topics'>[]): Topics => {
  const named = entities.flatMap(({ topics }) => Object.entries(topics));
  return new Map(
    [...Map.groupBy(named, ([topic]) => topic)].map(([topic, each]) => [topic, each.map(([, keys]) => keys)]),
  );
};

export const TOPICS: Topics = topicsOf(ENTITY_NAMES.map(entityOf));

/** Topics that must be subscribed to. */
export const WANTED_TOPICS: readonly string[] = [...TOPICS.keys()];

/** Entities that would not hear of a change without these topics. */
export const entitiesOf = (topics: readonly string[]): readonly EntityName[] =>
  ENTITY_NAMES.filter((name) =>
    topics.some((topic) =>
      TOPICS.get(topic)
        ?.flat()
        .some(({ entity }) => entity === name),
    ),
  );
