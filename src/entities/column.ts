import { z } from 'zod';
import { decimalText, tenThousandths } from '../decimal.ts';
import { idOfGid } from '../ids.ts';

/**
 * A mirrored column: its SQL type, where its value stands in Shopify's GraphQL object, and how it is decoded.
 *
 * The selection that is sent to Shopify and the decoder that reads the answer are both derived from `sources`,
 * so they cannot drift apart, and a field that Shopify withheld names exactly the columns that must keep their
 * values (R9). A hand-written fragment beside a hand-written decoder was rejected for that reason.
 */

export type ColumnKind = 'text' | 'longText' | 'id' | 'boolean' | 'integer' | 'decimal' | 'instant';

/** Money and ids as text, instants in milliseconds since 1970 (UTC). */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export interface Column {
  readonly kind: ColumnKind;
  /** Longest text in characters; 0 where the kind has no length. */
  readonly length: number;
  readonly nullable: boolean;
  /** Dotted field paths from the object; a list of objects ends with its sub-selection: `selectedOptions { name }`. */
  readonly sources: readonly string[];
  /** The access scope without which Shopify refuses the field. */
  readonly scope: string | null;
  /** Where null may stand for something that is out of the app's sight. */
  readonly hidden: Hidden | null;
  /** It tells of a person: erasing the person empties it. Ids, money and times stay. */
  readonly personal: boolean;
  /** The id of what was sold: a null that Shopify answers later does not overwrite it (R9). */
  readonly kept: boolean;
  /** True where Shopify no longer names what stands in this kept column; null for every other column. */
  readonly goneWith: string | null;
  /** The same column where the shop's schema has this newer field, `ProductVariant.barcodes`. */
  readonly newer: { readonly field: string; readonly column: Column } | null;
  /** From the values found at `sources` (null where any parent was null). Fails with what is wrong, never with the value. */
  readonly decode: z.ZodType<Value, unknown>;
}

/** Without the scope a null is no answer (R9), unless this field counts none of what is hidden. */
export interface Hidden {
  readonly without: string;
  readonly countedBy: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** The dotted path of a source, without its arguments and its sub-selection. */
export const pathOf = (source: string): string => source.split(/[({]/)[0]!.trim();

/** The column as it is to be asked for and decoded: `asked` has the scopes, and the newer fields of the shop's schema. */
export const standing = (column: Column, asked: ReadonlySet<string>): Column =>
  column.newer !== null && asked.has(column.newer.field) ? column.newer.column : column;

interface Options {
  readonly scope?: string;
  readonly hidden?: Hidden;
  readonly personal?: boolean;
  readonly kept?: boolean;
}

const column = (
  kind: ColumnKind,
  sources: readonly string[],
  decode: z.ZodType<Value, unknown>,
  more: { readonly length?: number; readonly nullable?: boolean } & Options = {},
): Column => ({
  kind,
  sources,
  decode,
  length: more.length ?? 0,
  nullable: more.nullable ?? true,
  scope: more.scope ?? null,
  hidden: more.hidden ?? null,
  personal: more.personal ?? false,
  kept: more.kept ?? false,
  goneWith: null,
  newer: null,
});

/** The one value of a column with one source, as its decoder sees it. */
const only = <T extends z.ZodType>(schema: T) => z.tuple([schema.nullable()]).transform(([value]) => value);

const textOf = (length: number) => z.string().max(length, `is longer than ${length} characters`);
const instantText = z.iso
  .datetime({ offset: true, error: 'is no ISO time' })
  .transform((iso) => Date.parse(iso));
const decimalOf = z.string().transform((amount, context) => {
  const units = tenThousandths(amount);
  if (units !== null) return decimalText(units);
  context.addIssue({ code: 'custom', message: 'is no amount that fits decimal(19,4)' });
  return z.NEVER;
});
const gidId = z.string().transform((value, context) => {
  const id = idOfGid(value);
  if (id !== null) return id;
  context.addIssue({ code: 'custom', message: 'is no Shopify GID' });
  return z.NEVER;
});
const int32 = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^-?\d{1,10}$/, 'is no integer')
      .transform(Number),
  ])
  .refine((n) => Math.abs(n) <= 2_147_483_647, 'does not fit 32 bits');

export const text = (source: string, length: number, options?: Options): Column =>
  column('text', [source], only(textOf(length)), { length, ...options });

export const longText = (source: string, options?: Options): Column =>
  column('longText', [source], only(z.string()), options);

/** A list of words, joined as Shopify itself prints them: `'vip, wholesale'`. */
export const words = (source: string, options?: Options): Column =>
  column('longText', [source], only(z.array(z.string()).transform((list) => list.join(', '))), options);

/** The decimal id of a GID. */
export const id = (source: string, options?: Options): Column =>
  column('id', [source], only(gidId), { length: 50, ...options });

export const boolean = (source: string, options?: Options): Column =>
  column('boolean', [source], only(z.boolean()), options);

/** True when the enum at `source` reads `expected`; false otherwise, also when the object around it is missing. */
export const equals = (source: string, expected: string, options?: Options): Column =>
  column(
    'boolean',
    [source],
    only(z.string().transform((state) => state === expected)).transform((is) => is ?? false),
    {
      nullable: false,
      ...options,
    },
  );

export const integer = (source: string, options?: Options): Column =>
  column('integer', [source], only(int32), options);

/** An amount of money or another decimal that Shopify sends as text. */
export const money = (source: string, options?: Options): Column =>
  column('decimal', [source], only(decimalOf), options);

/** A measured quantity that Shopify sends as a number (weights). Not for money. */
export const measure = (source: string): Column =>
  column('decimal', [source], only(z.number().transform((n) => n.toFixed(4))));

export const instant = (source: string, options?: Options): Column =>
  column('instant', [source], only(instantText), options);

/** A column computed from several fields of the object. `as` gets them in order and returns the value. */
export const derived = <T extends readonly [z.ZodType, ...z.ZodType[]]>(
  kind: ColumnKind,
  sources: readonly string[],
  schema: z.ZodTuple<T>,
  as: (values: z.output<z.ZodTuple<T>>) => Value,
  more: { readonly length?: number; readonly nullable?: boolean } & Options = {},
): Column => column(kind, sources, schema.transform(as), more);

/** A column that no field of the object fills: other rows of the mirror do, see `Link`. */
export const linked = (kind: ColumnKind, length = 0): Column =>
  column(
    kind,
    [],
    z.tuple([]).transform(() => null),
    { length },
  );

/** Whether Shopify, at `source`, no longer names what is known to have stood in the kept column `of`. See ../kept.ts. */
export const gone = (of: string, source: string, options?: Options): Column => ({
  ...derived('boolean', [source], z.tuple([z.unknown()]), () => false, { nullable: false, ...options }),
  goneWith: of,
});

/** `before` until the shop's schema has `field`, from then on `after`: the two never stand in one query. */
export const since = (field: string, before: Column, after: Column): Column => ({
  ...before,
  newer: { field, column: after },
});
