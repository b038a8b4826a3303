import type { FieldError } from '../entities/withholding.ts';
import type { Answer } from './admin.ts';

/**
 * What the errors beside an answer's data mean. An error that has the place of one field takes that value away, and
 * nothing else (R9). One whose place is not known may have taken any of the nulls: nothing in its answer is proved.
 *
 * Only ACCESS_DENIED says that this app may not read a field. Any other code, and none, may be gone at the next look.
 * Codes of a whole answer (THROTTLED, INTERNAL_SERVER_ERROR, SHOP_INACTIVE …) are thrown by admin.ts, wherever they stand.
 */
export const PLACELESS = 'Shopify answered an error that leads to no field';

export const reasonOf = (code: string): FieldError['reason'] =>
  code === 'ACCESS_DENIED' ? 'denied' : 'error';

/** By the place of the node among those that were asked for; null when an error has no such place. */
export function errorsByNode(
  { errors }: Pick<Answer, 'errors'>,
  count: number,
): ReadonlyMap<number, readonly FieldError[]> | null {
  const byNode = new Map<number, FieldError[]>();
  for (const { path, code } of errors) {
    const [nodes, i, ...rest] = path;
    if (nodes !== 'nodes' || typeof i !== 'number' || i < 0 || i >= count) return null;
    byNode.set(i, [...(byNode.get(i) ?? []), { path: rest, reason: reasonOf(code) }]);
  }
  return byNode;
}
