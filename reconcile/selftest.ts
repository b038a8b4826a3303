import { hash } from 'node:crypto';
import type { Nonce } from '../src/clock.ts';
import type { RangeView } from '../src/record.ts';
import type { Head } from '../src/shopify/heads.ts';
import { hidesTheOld } from '../src/visibility.ts';
import { type Sight, type Sighting, sightingOf } from './sighting.ts';

/**
 * A census tests itself: in each range it leaves one head of its own choosing out of the list, in memory alone, and
 * must then find exactly that key missing from the list, beside what it finds anyway. A comparison that is blind
 * is thereby known as such, and its certificate cannot say `matched`.
 */
export interface SelfTest {
  readonly planted: number;
  readonly detected: number;
}

export function selfTest(
  nonce: Nonce,
  sight: Sight,
  heads: readonly Head[],
  view: RangeView,
  seen: Sighting,
  compare: typeof sightingOf = sightingOf,
): SelfTest {
  // Where the old may be out of sight, a key that has a mark is awaited, listed or not: leaving it out changes nothing.
  const hides = hidesTheOld(sight.entity, sight.store);
  const marked = new Set(hides ? view.marks.map(({ id }) => id) : []);
  const rows = view.rows.filter(({ id, deletedAt }) => deletedAt === null && !marked.has(id));
  const live = new Set(rows.map(({ id }) => id));
  const candidates = heads.filter(({ id }) => live.has(id));
  const left = candidates[drawn(nonce, candidates.length)];
  if (left === undefined) return { planted: 0, detected: 0 };
  const without = heads.filter((head) => head !== left);
  const missed = missing(compare(sight, without, view));
  const expected = new Set([...missing(seen), left.id]);
  const exactly =
    expected.size === missing(seen).size + 1 &&
    missed.size === expected.size &&
    [...expected].every((id) => missed.has(id));
  return { planted: 1, detected: exactly ? 1 : 0 };
}

/** Live keys that the list misses. */
const missing = ({ vanished, unlisted, unknowable }: Sighting): ReadonlySet<string> =>
  new Set([...vanished, ...unlisted, ...unknowable]);

/** A number below `n`, from a text that never repeats. */
const drawn = (nonce: Nonce, n: number): number =>
  n === 0 ? 0 : Number.parseInt(hash('sha1', nonce()).slice(0, 8), 16) % n;
