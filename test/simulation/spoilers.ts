import type { Random } from '../../simulator/random.ts';
import type { Spoiler } from './faults.ts';

/**
 * A right answer of the simulated Shopify, spoiled on its way to the product: the truth of the shop is untouched. Each
 * answers whether there was anything to spoil; where there was not, the next answer is tried.
 */
export interface Spoilable {
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly body: { data?: Json; errors?: Problem[] };
  readonly headers: Headers;
  status: number;
  readonly random: Random;
  /** The page that the same list gave before; null without one. */
  readonly before: Json | null;
  /** The id from which on a census was shown nothing more; null where its list was not cut. */
  cutFrom: string | null;
}

type Json = { [field: string]: unknown };
interface Problem {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code: string };
}

export function spoil(fault: Spoiler, answer: Spoilable): boolean {
  return SPOIL[fault](answer);
}

const SPOIL: Readonly<Record<Spoiler, (answer: Spoilable) => boolean>> = {
  fieldError,
  refusedObject,
  nullList,
  pathlessError,
  swappedNodes: (answer) => swap(nodesOf(answer), answer.random),
  repeatedNode: (answer) => repeat(nodesOf(answer), answer.random),
  swappedHeads: (answer) => swap(headsOf(answer), answer.random),
  repeatedHead: (answer) => repeat(headsOf(answer), answer.random),
  stuckCursor,
  repeatedPage,
  shortList,
  jumpedDate,
  absurdVersion,
  forbidden: (answer) => {
    answer.status = 403;
    return true;
  },
};

/** Fields of Shopify's schema that may be null, by the type of the object. */
const NULLABLE: Readonly<Record<string, readonly string[]>> = {
  Customer: ['firstName', 'lastName', 'note', 'defaultEmailAddress', 'defaultPhoneNumber', 'defaultAddress'],
  Product: ['category', 'publishedAt'],
  Order: ['email', 'customer', 'cancelReason', 'sourceName', 'displayFinancialStatus'],
};
/** And of the elements of its lists. */
const NULLABLE_BELOW: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Product: { variants: ['sku', 'barcode', 'compareAtPrice'] },
  Order: { lineItems: ['sku', 'vendor', 'variantTitle', 'product', 'variant'] },
};
const LISTS: Readonly<Record<string, readonly string[]>> = {
  Product: ['variants'],
  Order: ['lineItems', 'refunds'],
};

type Path = readonly (string | number)[];

/** Whole objects that were read by id, with their places. */
function objectsIn({ operation, body }: Spoilable): { readonly at: number; readonly object: Json }[] {
  const nodes = body.data?.['nodes'];
  if (!operation.startsWith('Read') || !Array.isArray(nodes)) return [];
  return nodes.flatMap((object: Json | null, at) => (object === null ? [] : [{ at, object }]));
}

/**
 * Denied to one of several objects: a field that is denied to all there are is withheld, and a tiny shop may have one
 * object. Of a single one it fails in another way.
 */
function codeFor(
  { random }: Spoilable,
  objects: number,
): { readonly extensions?: { readonly code: string } } {
  const failed = random.pick([{ extensions: { code: 'FIELD_FAILED' } }, {}]);
  return objects > 1 && random.chance(0.6) ? { extensions: { code: 'ACCESS_DENIED' } } : failed;
}

function fieldError(answer: Spoilable): boolean {
  const found = spots(answer);
  if (found.length === 0) return false;
  const { holder, field, path } = answer.random.pick(found);
  holder[field] = null;
  problem(answer, { message: 'spoiled', path, ...codeFor(answer, objectsIn(answer).length) });
  return true;
}

interface Spot {
  readonly holder: Json;
  readonly field: string;
  readonly path: Path;
}

/** Every field that has a value and may be null. */
function spots(answer: Spoilable): readonly Spot[] {
  return objectsIn(answer).flatMap(({ at, object }) => {
    const type = String(object['__typename']);
    const own = spotsOf(object, NULLABLE[type] ?? [], ['nodes', at]);
    const below = Object.entries(NULLABLE_BELOW[type] ?? {}).flatMap(([list, fields]) =>
      elementsOf(object[list]).flatMap((element, i) =>
        spotsOf(element, fields, ['nodes', at, list, 'nodes', i]),
      ),
    );
    return [...own, ...below];
  });
}

const spotsOf = (holder: Json, fields: readonly string[], at: Path): readonly Spot[] =>
  fields
    .filter((field) => holder[field] !== null && holder[field] !== undefined)
    .map((field) => ({ holder, field, path: [...at, field] }));

const elementsOf = (connection: unknown): readonly Json[] =>
  connection !== null && typeof connection === 'object' && 'nodes' in connection
    ? (connection.nodes as readonly Json[])
    : [];

function problem({ body }: Spoilable, told: Problem): void {
  body.errors = [...(body.errors ?? []), told];
}

function refusedObject(answer: Spoilable): boolean {
  const objects = objectsIn(answer);
  if (objects.length === 0) return false;
  const { at, object } = answer.random.pick(objects);
  const list = listIn(answer, object);
  const path: Path = list !== null && answer.random.chance(0.5) ? ['nodes', at, list] : ['nodes', at];
  if (path.length === 3) object[list!] = null;
  else (answer.body.data!['nodes'] as (Json | null)[])[at] = null;
  problem(answer, { message: 'spoiled', path, ...codeFor(answer, objects.length) });
  return true;
}

function listIn({ random }: Spoilable, object: Json): string | null {
  const lists = (LISTS[String(object['__typename'])] ?? []).filter((list) => object[list] != null);
  return lists.length === 0 ? null : random.pick(lists);
}

function nullList(answer: Spoilable): boolean {
  const objects = objectsIn(answer).filter(({ object }) => listIn(answer, object) !== null);
  if (objects.length === 0) return false;
  const { object } = answer.random.pick(objects);
  object[listIn(answer, object)!] = null;
  return true;
}

function pathlessError(answer: Spoilable): boolean {
  const found = spots(answer);
  if (found.length === 0) return false;
  for (let n = answer.random.between(1, 3); n > 0; n--) {
    const { holder, field } = answer.random.pick(found);
    holder[field] = null;
  }
  const path = answer.random.chance(0.5) ? { path: ['nodes'] } : {};
  problem(answer, { message: 'spoiled', ...path, ...codeFor(answer, objectsIn(answer).length) });
  return true;
}

/** What was asked by id, whole or as heads; the places of those that are gone stay null. */
const nodesOf = ({ body }: Spoilable): Json[] | null => {
  const nodes = body.data?.['nodes'];
  return Array.isArray(nodes) ? nodes : null;
};

/** The page of a list that a detector asked for. */
function pageOf({ operation, body }: Spoilable): Page | null {
  if (!/^(Census|Sweep)/.test(operation)) return null;
  const lists = Object.values(body.data ?? {}).filter(isPage);
  return lists[0] ?? null;
}

type Page = { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Json[] };
const isPage = (value: unknown): value is Page =>
  value !== null && typeof value === 'object' && 'pageInfo' in value && 'nodes' in value;

const headsOf = (answer: Spoilable): Json[] | null => pageOf(answer)?.nodes ?? null;

/** Two that are there: a null has no id, so that nothing could notice it in another's place. */
function two(list: Json[] | null, random: Random): readonly [number, number] | null {
  const there = (list ?? []).flatMap((each, i) => (each === null ? [] : [i]));
  if (there.length < 2) return null;
  const first = random.pick(there);
  return [first, random.pick(there.filter((i) => i !== first))];
}

function swap(list: Json[] | null, random: Random): boolean {
  const places = two(list, random);
  if (places === null) return false;
  const [a, b] = places;
  [list![a], list![b]] = [list![b]!, list![a]!];
  return true;
}

function repeat(list: Json[] | null, random: Random): boolean {
  const places = two(list, random);
  if (places === null) return false;
  list![places[1]] = list![places[0]]!;
  return true;
}

function stuckCursor(answer: Spoilable): boolean {
  const page = pageOf(answer);
  const { after } = answer.variables;
  if (page === null || typeof after !== 'string') return false;
  page.pageInfo = { hasNextPage: true, endCursor: after };
  return true;
}

function repeatedPage(answer: Spoilable): boolean {
  if (pageOf(answer) === null || answer.before === null || answer.variables['after'] === null) return false;
  answer.body.data = structuredClone(answer.before);
  return true;
}

/** Only of the unfiltered list: a sweep whose page is cut short could not know. */
function shortList(answer: Spoilable): boolean {
  const page = pageOf(answer);
  if (page === null || page.nodes.length === 0 || !answer.operation.startsWith('Census')) return false;
  const left = answer.random.between(0, Math.min(20, page.nodes.length - 1));
  answer.cutFrom = String(page.nodes[left]!['id']).replace(/^.*\//, '');
  page.nodes = page.nodes.slice(0, left);
  page.pageInfo = { hasNextPage: false, endCursor: page.pageInfo.endCursor };
  return true;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Never twice by the same: a second answer that agrees is believed. */
function jumpedDate({ headers, random }: Spoilable): boolean {
  const by = random.pick([4 * MINUTE_MS, 16 * MINUTE_MS, 5 * DAY_MS, -DAY_MS]);
  const at = Date.parse(headers.get('date') ?? '');
  headers.set('date', new Date(at + by + random.between(0, 3 * MINUTE_MS)).toUTCString());
  return true;
}

function absurdVersion(answer: Spoilable): boolean {
  const versioned = [...(nodesOf(answer) ?? []), ...(headsOf(answer) ?? [])].filter(
    (each) => each !== null && 'updatedAt' in each,
  );
  if (versioned.length === 0) return false;
  const day = String(answer.random.between(1, 28)).padStart(2, '0');
  answer.random.pick(versioned)['updatedAt'] = `2099-01-${day}T00:00:00Z`;
  return true;
}
