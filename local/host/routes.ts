/** Route templates of HTTP triggers: `items/{id:int}/{part?}`, `files/{*path}`. As in Azure, case is ignored. */

import type { Registered } from './app.ts';

export interface Route {
  readonly fn: Registered;
  readonly methods: ReadonlySet<string>;
  /** The parameters when the path fits. Throws a URIError when they are not decodable. */
  match(path: string): Record<string, string> | undefined;
  /** Of two routes that fit, the one that sorts first is meant: literal before parameter before the rest. */
  readonly rank: string;
}

const CONSTRAINTS = new Map([
  ['', '[^/]+'],
  ['int', '-?\\d+'],
  ['long', '-?\\d+'],
  ['decimal', '-?\\d+(?:\\.\\d+)?'],
  ['bool', 'true|false'],
  ['alpha', '[a-z]+'],
  ['guid', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'],
]);

interface Segment {
  readonly pattern: string;
  readonly parameter?: string;
  readonly rank: string;
}

export function routesOf(functions: readonly Registered[], prefix: string): Route[] {
  return functions
    .map((fn) => routeOf(fn, prefix))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
}

function routeOf(fn: Registered, prefix: string): Route {
  const { route = fn.name, methods } = fn.trigger;
  const segments = `${prefix}/${String(route)}`
    .split('/')
    .filter(Boolean)
    .map((text) => segmentOf(text, fn.name));
  const expression = new RegExp(`^${segments.map((segment) => segment.pattern).join('')}/?$`, 'i');
  const parameters = segments.flatMap((segment) => segment.parameter ?? []);
  return {
    fn,
    methods: new Set(Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : []),
    rank: segments.map((segment) => segment.rank).join(''),
    match(path) {
      const found = expression.exec(path);
      if (!found) return undefined;
      const values = parameters.map((name, index) => [name, found[index + 1]] as const);
      return Object.fromEntries(
        values.flatMap(([name, value]) => (value === undefined ? [] : [[name, decodeURIComponent(value)]])),
      );
    },
  };
}

function segmentOf(text: string, functionName: string): Segment {
  const found = /^\{(\*?)(\w+)(?::(\w+))?(\??)\}$/.exec(text);
  if (!found) {
    if (/[{}]/.test(text)) throw unknownPart(text, functionName);
    return { pattern: `/${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, rank: '1' };
  }
  const [, star, parameter = '', constraint = '', optional] = found;
  const pattern = CONSTRAINTS.get(constraint);
  if (pattern === undefined) throw unknownPart(text, functionName);
  if (star) return { pattern: '(?:/(.*))?', parameter, rank: '5' };
  if (optional) return { pattern: `(?:/(${pattern}))?`, parameter, rank: '4' };
  return { pattern: `/(${pattern})`, parameter, rank: constraint ? '2' : '3' };
}

function unknownPart(text: string, functionName: string): Error {
  const known = [...CONSTRAINTS.keys()].filter(Boolean).join(', ');
  return new Error(
    `The route of "${functionName}" has the part ${text}. Write {name}, {name?}, {*name} or {name:constraint}; ` +
      `this host knows the constraints ${known}.`,
  );
}
