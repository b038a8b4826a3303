import { type EntityName, entityOf } from '../src/entities/registry.ts';
import { idOfGid, isId } from '../src/ids.ts';
import type { Service } from '../src/service.ts';

/**
 * Single keys that an operator wants to be read now, whatever their marks say: put off, parked, held by a census, waiting
 * for a version that never comes. What earlier reads found is forgotten, as if the key had just been marked; only that its
 * deletion was announced is remembered (R10). The read has the last word, as ever.
 */
export const KEYS_MAX = 250;

/** The ids without their types; null where one is no id of the entity, and where they are none or too many. */
export function idsOf(entity: EntityName, given: readonly unknown[]): readonly string[] | null {
  const ids = given.map((text) => idOf(entity, text));
  const inBounds = given.length > 0 && given.length <= KEYS_MAX;
  return inBounds && ids.every((id) => id !== null) ? [...new Set(ids)] : null;
}

/** Only texts: a number in JSON may have lost its last digits on the way. */
function idOf(entity: EntityName, given: unknown): string | null {
  if (typeof given !== 'string') return null;
  return isId(given) ? given : idOfGid(given, entityOf(entity).type);
}

export async function readAnew(
  { database, doorbells }: Pick<Service, 'database' | 'doorbells'>,
  storeId: number,
  entity: EntityName,
  ids: readonly string[],
): Promise<void> {
  await database.markAnew(
    storeId,
    ids.map((id) => ({
      ...{ entity, id, lane: 'webhook', reason: 'operator', announces: 'presence' },
      ...{ expectedUpdatedAt: null, dueInMs: 0 },
    })),
  );
  await doorbells.ring(storeId, entity);
}
