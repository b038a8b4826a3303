/**
 * Keyset cursors: base64 of `{"last_id", "last_value"}`, as Shopify's are. Nothing is remembered on the server,
 * so a cursor outlives changes, and it means nothing in another sort order.
 */
import type { Place } from '../ordering.ts';
import { invalidCursor } from './problem.ts';

export function encodeCursor({ id, value }: Place): string {
  return Buffer.from(JSON.stringify({ last_id: id, last_value: value })).toString('base64');
}

/** Throws on anything that is no cursor of ours. */
export function decodeCursor(cursor: string): Place {
  const { last_id: id, last_value: value } = fieldsOf(cursor);
  if (typeof id !== 'string' || (typeof value !== 'number' && typeof value !== 'string'))
    throw invalidCursor();
  return { id, value };
}

function fieldsOf(cursor: string): { readonly last_id?: unknown; readonly last_value?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Falls through: whatever could not be read is one and the same error to the caller.
  }
  throw invalidCursor();
}
