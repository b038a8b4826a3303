import { z } from 'zod';
import type { Database } from '../database.ts';
import { NEWER_FIELDS } from '../entities/newer-fields.ts';
import { Reject, Transient } from '../failures.ts';
import type { Store } from '../store.ts';
import type { AdminApi } from './admin.ts';
import { readSchema } from './documents.ts';

/**
 * What the shop's schema has. A field that Shopify deprecates stands beside its successor for a year; which of the two a
 * shop answers is asked of the shop, every hour with the rest of its upkeep, and remembered with the store.
 */
const described = z.object({ fields: z.array(z.object({ name: z.string() })) }).nullable();

/** Of NEWER_FIELDS those that there are; null when Shopify would not say. */
export async function newerFields(api: AdminApi): Promise<readonly string[] | null> {
  const types = [...new Set(NEWER_FIELDS.map(typeOf))];
  let data: Readonly<Record<string, unknown>>;
  try {
    ({ data } = await api.query(readSchema(types), {}));
  } catch (error) {
    // Whatever it is, the store is read as before: what is wrong with more than this query shows in every other.
    if (!(error instanceof Reject || error instanceof Transient)) throw error;
    return null;
  }
  const known = new Map(types.map((type) => [type, described.safeParse(data[type])]));
  if ([...known.values()].some(({ success, data }) => !success || data === null)) return null;
  return NEWER_FIELDS.filter((field) =>
    known.get(typeOf(field))!.data!.fields.some(({ name }) => field === `${typeOf(field)}.${name}`),
  );
}

const typeOf = (field: string): string => field.split('.')[0]!;

/** Remembers them with the store; true where they are others than before. */
export async function noteNewerFields(
  database: Pick<Database, 'updateSettings'>,
  api: AdminApi,
  { id, settings }: Store,
): Promise<boolean> {
  const fields = await newerFields(api);
  if (fields === null || fields.join() === settings.fields.join()) return false;
  await database.updateSettings(id, { fields });
  return true;
}
