import { compareIds } from '../ids.ts';
import type { ChildRecord } from '../record.ts';

/**
 * Keys of child rows. A set is kept in the order of its keys, whatever order Shopify listed it in, so that another
 * order is no change; and a key stands once, in its object and in all objects of an answer, because a row has one
 * parent and one content: the last one to come must not win in silence.
 */
type Sets = Readonly<Record<string, readonly ChildRecord[]>>;

/** A child that Shopify gave no id: `key` is made of its parent and of what it is about, which need not be unique. */
export interface Keyed {
  readonly child: ChildRecord;
  readonly made: boolean;
}

/**
 * In the order of their keys. Children that share a made key are told apart by an ordinal: `7-9`, `7-9-2`, `7-9-3`, in
 * the order of what they hold, since that does not depend on the order of the list. Which of two equal ones is the
 * second makes no difference.
 */
export function inOrder(list: readonly Keyed[]): readonly ChildRecord[] {
  const made = Map.groupBy(
    list.filter(({ made }) => made).map(({ child }) => child),
    ({ key }) => key,
  );
  const told = [...made.values()].flatMap((same) =>
    same
      .toSorted((a, b) => byText(JSON.stringify(a.row), JSON.stringify(b.row)))
      .map((child, i) => (i === 0 ? child : { ...child, key: `${child.key}-${i + 1}` })),
  );
  const named = list.filter(({ made }) => !made).map(({ child }) => child);
  return [...named, ...told].sort((a, b) => compareIds(a.key, b.key));
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `RefundItems/42` of every row below. */
export function* keysIn(sets: Sets): Generator<string> {
  for (const [table, children] of Object.entries(sets))
    for (const child of children) {
      yield `${table}/${child.key}`;
      yield* keysIn(child.children);
    }
}

/** The first key that stands twice in one object; null where each stands once. */
export function keyThatStandsTwice(sets: Sets): string | null {
  const seen = new Set<string>();
  for (const key of keysIn(sets)) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}

/** Objects that claim a child which another claims as well, with one such child each. */
export function rivals(
  objects: Iterable<readonly [id: string, children: Sets]>,
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const found = new Map<string, string>();
  for (const [id, children] of objects)
    for (const key of keysIn(children)) {
      const owner = owners.get(key) ?? id;
      owners.set(key, owner);
      if (owner !== id) found.set(id, key).set(owner, key);
    }
  return found;
}
