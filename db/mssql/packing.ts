import { TEXT } from './batch.ts';
import { commaList, declareTable, type Fields, listed, openJson } from './statements.ts';

/**
 * Many rows on their way into a batch: packed into one JSON parameter here, unpacked there into a keyed table variable.
 * Once, because OPENJSON has no statistics and would be read again by each statement.
 *
 * Whatever people may have written has to arrive exactly. SQL Server understands JSON's escapes; Babelfish leaves them
 * in the text, and cuts every column of OPENJSON at 4000 characters. So no text has an escape: the characters that
 * would need one are carried by code points that Unicode reserves for such inner use and that are no characters
 * (U+FDD0 … U+FDEF, U+FFFE), and are translated back on arrival. And a text without a limit travels in an array of
 * one, which both give whole as a fragment of JSON: `["…"]`.
 *
 * What is no character already (these code points, halves of one, and the null that PostgreSQL under Babelfish refuses)
 * arrives as U+FFFD, which stands for such.
 */

const NEED_ESCAPE = [...Array.from({ length: 31 }, (_, i) => i + 1), 0x22, 0x5c];
const CARRIERS = [...Array.from({ length: 32 }, (_, i) => 0xfdd0 + i), 0xfffe];

/** What every batch is given that unpacks texts: parameters and their values. */
export const CARRIED = { carriers: TEXT, carried: TEXT };
export const carried = {
  carriers: String.fromCodePoint(...CARRIERS),
  carried: String.fromCodePoint(...NEED_ESCAPE),
};

/** A binary collation, since to the others a code point that is no character equals nothing or any other. */
const translated = (value: string): string =>
  `TRANSLATE(${value} COLLATE Latin1_General_BIN2, @carriers, @carried)`;

const carrierOf = new Map(
  NEED_ESCAPE.map((code, i) => [String.fromCodePoint(code), String.fromCodePoint(CARRIERS[i]!)]),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be carried.
const escapable = /[\u0001-\u001f"\\]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the null among them.
const unfit = /[\u0000\ufdd0-\ufdef\ufffe]/g;

const isLong = (type: string): boolean => type === 'nvarchar(max)';

/** Names and types of columns; `texts` are those that hold what people wrote. */
export interface Packed {
  readonly key: Fields;
  readonly others?: Fields;
  readonly texts?: Fields;
}

/** The parameter's text. Columns that a row lacks are null. */
export function pack(rows: readonly Readonly<Record<string, unknown>>[], { texts = {} }: Packed): string {
  const long = Object.keys(texts).filter((name) => isLong(texts[name]!));
  const wrapped = rows.map((row) => ({
    ...row,
    ...Object.fromEntries(long.map((name) => [name, row[name] == null ? null : [row[name]]])),
  }));
  return JSON.stringify(wrapped, (_, value) => (typeof value === 'string' ? carry(value) : value));
}

const carry = (text: string): string =>
  text
    .toWellFormed()
    .replace(unfit, '\ufffd')
    .replace(escapable, (character) => carrierOf.get(character)!);

/** Declares the table variable and fills it. */
export function unpack(
  variable: string,
  parameter: string,
  { key, others = {}, texts = {} }: Packed,
): string {
  const rest = { ...others, ...texts };
  const all = { ...key, ...rest };
  const long = Object.keys(texts).filter((name) => isLong(texts[name]!));
  const plain = Object.fromEntries(Object.entries(all).filter(([name]) => !long.includes(name)));
  const value = (name: string): string => {
    if (!(name in texts)) return `j.[${name}]`;
    return translated(long.includes(name) ? whole(`JSON_QUERY(o.[value], '$.${name}')`) : `j.[${name}]`);
  };
  const from =
    long.length === 0
      ? `${openJson(parameter, plain)} AS j`
      : `OPENJSON(${parameter}) AS o CROSS APPLY ${openJson('o.[value]', plain)} AS j`;
  return `${declareTable(variable, key, rest)}
INSERT INTO ${variable} (${listed(all)})
SELECT ${commaList(Object.keys(all).map(value))}
FROM ${from};`;
}

/** The text in `["…"]`. */
const whole = (fragment: string): string => `SUBSTRING(${fragment}, 3, LEN(${fragment}) - 4)`;
