/** What a connection answers, and the arguments all connections share. */
import type { Place } from '../ordering.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { badRequest, invalidCursor } from './problem.ts';

export type Args = Readonly<Record<string, unknown>>;

/** Page sizes end here, everywhere but for the variants of one product. */
export const PAGE_MAX = 250;

export interface PageRequest {
  readonly size: number;
  readonly from: Place | null;
  /** Paging with `last`/`before`: the page is read from its end. */
  readonly backward: boolean;
}

export interface Entry<T> {
  readonly place: Place;
  readonly node: T;
}

/** `isMore(forward)` tells whether anything lies beyond the page on that side; asked only when selected. */
export class Page<T> {
  readonly entries: readonly Entry<T>[];
  readonly #isMore: (side: 'before' | 'after') => boolean;

  constructor(entries: readonly Entry<T>[], isMore: (side: 'before' | 'after') => boolean) {
    this.entries = entries;
    this.#isMore = isMore;
  }

  get nodes(): T[] {
    return this.entries.map(({ node }) => node);
  }

  get edges(): { readonly node: T; readonly cursor: string }[] {
    return this.entries.map(({ node, place }) => ({ node, cursor: encodeCursor(place) }));
  }

  get pageInfo(): PageInfo {
    return new PageInfo(this.entries, this.#isMore);
  }
}

class PageInfo {
  readonly #entries: readonly Entry<unknown>[];
  readonly #isMore: (side: 'before' | 'after') => boolean;

  constructor(entries: readonly Entry<unknown>[], isMore: (side: 'before' | 'after') => boolean) {
    this.#entries = entries;
    this.#isMore = isMore;
  }

  get startCursor(): string | null {
    const [first] = this.#entries;
    return first ? encodeCursor(first.place) : null;
  }

  get endCursor(): string | null {
    const last = this.#entries.at(-1);
    return last ? encodeCursor(last.place) : null;
  }

  get hasNextPage(): boolean {
    return this.#isMore('after');
  }

  get hasPreviousPage(): boolean {
    return this.#isMore('before');
  }
}

export const emptyPage = (): Page<never> => new Page([], () => false);

/** Reads `first`/`after` or `last`/`before`. */
export function pageRequest(args: Args, max: number = PAGE_MAX): PageRequest {
  const { first, last, after, before } = args;
  const backward = typeof last === 'number';
  const size = backward ? last : first;
  if (typeof size !== 'number') throw badRequest('you must provide one of first or last');
  if (typeof first === 'number' && typeof last === 'number') {
    throw badRequest('providing both first and last is not supported');
  }
  if (size < 0) throw badRequest(`${backward ? 'last' : 'first'} cannot be negative`);
  if (size > max) throw badRequest(`${backward ? 'last' : 'first'} cannot exceed ${max}`);
  const cursor = backward ? before : after;
  return { size, from: typeof cursor === 'string' ? decodeCursor(cursor) : null, backward };
}

/**
 * A page of a nested connection, whose elements are an array in the order the connection shows. The cursor finds
 * its element again by id, or, if that has gone, goes on from where it was.
 */
export function pageOf<T extends { readonly id: string | null }>(
  all: readonly T[],
  args: Args,
  max: number = PAGE_MAX,
): Page<T> {
  const { size, from, backward } = pageRequest(args, max);
  const elements = args['reverse'] === true ? all.toReversed() : all;
  const at = from ? positionOf(elements, from) : { before: elements.length, after: 0 };
  const start = backward ? Math.max(0, at.before - size) : at.after;
  const end = backward ? at.before : Math.min(elements.length, start + size);
  const entries = elements.slice(start, end).map((node, i) => ({ node, place: placeOf(node, start + i) }));
  return new Page(entries, (side) => (side === 'before' ? start > 0 : end < elements.length));
}

const placeOf = (node: { readonly id: string | null }, position: number): Place => ({
  id: node.id ?? `#${position}`,
  value: position,
});

/** Where a page ends that lies before the cursor's element, and where one starts that lies after it. */
function positionOf(
  elements: readonly { readonly id: string | null }[],
  { id, value }: Place,
): { readonly before: number; readonly after: number } {
  const found = elements.findIndex((element) => element.id === id);
  if (found >= 0) return { before: found, after: found + 1 };
  if (typeof value !== 'number') throw invalidCursor();
  const was = Math.min(value, elements.length);
  return { before: was, after: id.startsWith('#') ? was + 1 : was };
}
