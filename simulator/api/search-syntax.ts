/**
 * Shopify's search syntax, read into a tree: terms `field:value` with comparators, AND (also by mere
 * neighbourhood), OR, NOT or `-`, parentheses, quotes.
 *
 * Whether a value was quoted is kept, because it matters: an unquoted timestamp loses its time of day.
 */
export type Comparator = ':' | ':>' | ':>=' | ':<' | ':<=';

export interface Term {
  readonly kind: 'term';
  /** Null for a bare word. */
  readonly field: string | null;
  readonly comparator: Comparator;
  readonly value: string;
  readonly quoted: boolean;
}

export type Search =
  | Term
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Search[] }
  | { readonly kind: 'not'; readonly part: Search };

type Token = Term | { readonly kind: '(' | ')' | 'OR' | 'AND' | 'NOT' };

/** Field, comparator and the value with or without quotes; each may be missing, but not all. */
const TERM =
  /(?:([A-Za-z_][\w.]*)(:>=|:<=|:>|:<|:))?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s()]+))?/y;

/** Null when nothing is asked. A syntax error does not exist: what cannot be read is a word, as in the original. */
export function parseSearch(text: string): Search | null {
  const tokens = [...tokenize(text)];
  let next = 0;

  const either = (): Search | null => {
    const parts = [all()];
    while (tokens[next]?.kind === 'OR') {
      next += 1;
      parts.push(all());
    }
    return combine('or', parts);
  };
  const all = (): Search | null => {
    const parts: (Search | null)[] = [];
    for (let token = tokens[next]; token && token.kind !== 'OR' && token.kind !== ')'; token = tokens[next]) {
      if (token.kind === 'AND') next += 1;
      else parts.push(one(token));
    }
    return combine('and', parts);
  };
  const one = (token: Token): Search | null => {
    next += 1;
    if (token.kind === 'term') return token;
    if (token.kind === '(') {
      const inner = either();
      if (tokens[next]?.kind === ')') next += 1;
      return inner;
    }
    const following = tokens[next];
    const part = token.kind === 'NOT' && following ? one(following) : null;
    return part && { kind: 'not', part };
  };

  const parts: (Search | null)[] = [];
  while (next < tokens.length) {
    parts.push(either());
    // A closing parenthesis that nobody opened.
    if (tokens[next]?.kind === ')') next += 1;
  }
  return combine('and', parts);
}

function combine(kind: 'and' | 'or', parts: readonly (Search | null)[]): Search | null {
  const real = parts.filter((part) => part !== null);
  return real.length > 1 ? { kind, parts: real } : (real[0] ?? null);
}

function* tokenize(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (/\s/.test(char)) at += 1;
    else if (char === '(' || char === ')') {
      yield { kind: char };
      at += 1;
    } else if (char === '-') {
      yield { kind: 'NOT' };
      at += 1;
    } else {
      TERM.lastIndex = at;
      const match = TERM.exec(text)!;
      yield tokenOf(match);
      at += Math.max(1, match[0].length);
    }
  }
}

function tokenOf([whole, field, comparator, single, double, bare]: RegExpExecArray): Token {
  if (whole === 'OR' || whole === 'AND' || whole === 'NOT') return { kind: whole };
  const quoted = single ?? double;
  return {
    kind: 'term',
    field: field?.toLowerCase() ?? null,
    comparator: isComparator(comparator) ? comparator : ':',
    value: quoted === undefined ? (bare ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
    quoted: quoted !== undefined,
  };
}

const isComparator = (text: string | undefined): text is Comparator =>
  text === ':' || text === ':>' || text === ':>=' || text === ':<' || text === ':<=';
