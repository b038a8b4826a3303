/**
 * A `query:` string made into a predicate, and into bounds on the sort order where the search narrows just what
 * the list is sorted by: a sweep by `updated_at` over a million objects then starts where it must.
 */
import type { Kind, Kinds } from '../model.ts';
import { compareIds, numericId } from '../ordering.ts';
import { type Filter, type Filters, filtersOf } from './filters.ts';
import { type Comparator, parseSearch, type Search, type Term } from './search-syntax.ts';
import { type Bounds, boundsOf, stretchOf, type TimeZone, wholeDayOf } from './search-time.ts';

export interface SearchSetting {
  readonly zone: TimeZone;
  readonly now: number;
  readonly customersByWholeDay: boolean;
}

export interface Compiled<T> {
  readonly matches: (object: T) => boolean;
  /** Sort values outside these cannot match: `low` and `high` both inclusive, by sort key. */
  readonly bounds: ReadonlyMap<string, Bounds>;
}

type Test<T> = (object: T) => boolean;

export function compileSearch<K extends Kind>(
  kind: K,
  text: string,
  setting: SearchSetting,
): Compiled<Kinds[K]> | null {
  const search = parseSearch(text);
  const compiler = new Compiler(filtersOf(kind), kind === 'customers', setting);
  const matches = search && compiler.test(search);
  return matches && { matches, bounds: compiler.bounds(search) };
}

class Compiler<T> {
  readonly #filters: Filters<T>;
  readonly #isCustomers: boolean;
  readonly #setting: SearchSetting;

  constructor(filters: Filters<T>, isCustomers: boolean, setting: SearchSetting) {
    this.#filters = filters;
    this.#isCustomers = isCustomers;
    this.#setting = setting;
  }

  /** Null for whatever is ignored. */
  test(search: Search): Test<T> | null {
    switch (search.kind) {
      case 'term':
        return this.#term(search);
      case 'not': {
        const inner = this.test(search.part);
        return inner && ((object) => !inner(object));
      }
      case 'and': {
        const tests = this.#tests(search.parts);
        return tests.length > 0 ? (object) => tests.every((test) => test(object)) : null;
      }
      case 'or': {
        const tests = this.#tests(search.parts);
        return tests.length > 0 ? (object) => tests.some((test) => test(object)) : null;
      }
    }
  }

  /** Bounds by sort key from the terms that must all hold. */
  bounds(search: Search): Map<string, Bounds> {
    const bounds = new Map<string, Bounds>();
    for (const part of search.kind === 'and' ? search.parts : [search]) {
      if (part.kind !== 'term' || part.field === null) continue;
      const filter = this.#filters.byName[part.field];
      if (!filter || !('sortKey' in filter) || filter.sortKey === undefined) continue;
      const own = filter.type === 'time' ? this.#times(part) : idBounds(part);
      if (!own) continue;
      const known = bounds.get(filter.sortKey) ?? EVERYTHING;
      bounds.set(filter.sortKey, {
        low: Math.max(known.low, own.low),
        high: Math.min(known.high, own.high),
      });
    }
    return bounds;
  }

  #tests(parts: readonly Search[]): Test<T>[] {
    return parts.map((part) => this.test(part)).filter((test) => test !== null);
  }

  #term(term: Term): Test<T> | null {
    if (term.field === null) return textTest(term.value, this.#filters.words, true);
    const filter: Filter<T> | undefined = this.#filters.byName[term.field];
    switch (filter?.type) {
      case undefined:
        return null;
      case 'time': {
        const times = this.#times(term);
        return times && ((object) => within(filter.of(object), times));
      }
      case 'number':
        return numberTest(term, filter.of);
      case 'gid':
        return idTest(term, filter.of);
      case 'text':
        return textTest(term.value, filter.of, false);
    }
  }

  #times({ value, quoted, comparator, field }: Term): Bounds | null {
    const { zone, now, customersByWholeDay } = this.#setting;
    const stretch = stretchOf(value, quoted, zone, now);
    if (!stretch) return null;
    const byDay = customersByWholeDay && this.#isCustomers && field === 'updated_at';
    return boundsOf(comparator, byDay ? wholeDayOf(stretch, zone) : stretch);
  }
}

const EVERYTHING: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

const within = (time: number | null, { low, high }: Bounds): boolean =>
  time !== null && time >= low && time < high;

function numberTest<T>({ comparator, value }: Term, of: (object: T) => number): Test<T> | null {
  const wanted = Number(value);
  if (value === '' || Number.isNaN(wanted)) return null;
  return (object) => holds(comparator, of(object) - wanted);
}

function idTest<T>({ comparator, value }: Term, of: (object: T) => string | null): Test<T> | null {
  const wanted = numericId(value);
  if (!/^\d+$/.test(wanted)) return null;
  return (object) => {
    const gid = of(object);
    return gid !== null && holds(comparator, compareIds(numericId(gid), wanted));
  };
}

/** Rough on purpose where ids exceed 2^53: the predicate itself is exact. */
function idBounds({ comparator, value }: Term): Bounds | null {
  const id = numericId(value);
  if (!/^\d+$/.test(id)) return null;
  const at = Number(id);
  if (comparator === ':') return { low: at, high: at };
  return comparator.startsWith(':>') ? { ...EVERYTHING, low: at } : { ...EVERYTHING, high: at };
}

/** `order` is the sign of the object's value minus the wanted one. */
function holds(comparator: Comparator, order: number): boolean {
  switch (comparator) {
    case ':':
      return order === 0;
    case ':>':
      return order > 0;
    case ':>=':
      return order >= 0;
    case ':<':
      return order < 0;
    case ':<=':
      return order <= 0;
  }
}

/** `*` at the end matches a beginning, alone it matches anything; a comma means either; letter case is ignored. */
function textTest<T>(
  value: string,
  of: (object: T) => readonly (string | null | undefined)[],
  inside: boolean,
): Test<T> {
  const wanted = value.toLowerCase().split(',');
  return (object) =>
    of(object).some((candidate) => {
      const text = candidate?.toLowerCase();
      if (text === undefined) return false;
      return wanted.some((word) => {
        if (word.endsWith('*')) return text.startsWith(word.slice(0, -1));
        return inside ? text.includes(word) : text === word;
      });
    });
}
