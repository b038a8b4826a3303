import { gzipSync } from 'node:zlib';
import type { Random } from '../../simulator/random.ts';

/** Ways to spoil a body. Each gets the bytes that Shopify sent. */
export type SpoilBody = (random: Random, body: Uint8Array) => Uint8Array;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

/** The rarely tried size just above the limit of 5 MiB. */
const TOO_LONG = new Uint8Array(5 * 1024 * 1024 + 1).fill(0x20);

const IDS = [
  '-1',
  '0',
  '-0',
  '1.5',
  '1e3',
  '1E400',
  '12345678901234567890123',
  '9007199254740993',
  '"9007199254740993"',
  '""',
  '" 42"',
  '"42 "',
  '"0x2a"',
  '"４２"',
  '"gid://shopify/Order/"',
  '"gid://shopify/Shop/1"',
  '"gid://shopify/Customer/-1"',
  '"gid://evil/Customer/42"',
  '"1; DROP TABLE Customers"',
  'null',
  'true',
  '[]',
  '[42]',
  '{}',
  '{"id":42}',
  `"${'9'.repeat(300)}"`,
];
const VALUES = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '-1',
  '1e400',
  '-1e-400',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '[[[[[[]]]]]]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `"${'x'.repeat(5_000)}"`,
  '"2026-13-45T99:99:99Z"',
  '"+275760-09-13T00:00:00Z"',
  '0.1e-7',
  '123456789012345678901234567890',
];
const PROTOTYPE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'toJSON',
];
const ODD_TEXTS = [
  '',
  ' ',
  '{',
  '}',
  '[]',
  '{}',
  'null',
  'true',
  '42',
  '"text"',
  '{"id":}',
  '{"id":1,}',
  "{'id':1}",
  '{"id":NaN}',
  '{id:1}',
  '<?xml version="1.0"?><id>1</id>',
  'id=42&topic=x',
  '\u0000',
  '{"id":1}{"id":2}',
  '//x\n{"id":1}',
];

/** The value of one of the body's fields, as it stands in the text, replaced. */
function replaceField(random: Random, body: Uint8Array, value: string, only?: RegExp): Uint8Array {
  const source = textOf(body);
  const fields = [...source.matchAll(/"([A-Za-z_]+)":("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g)];
  const wanted = only === undefined ? fields : fields.filter(([, name = '']) => only.test(name));
  if (wanted.length === 0) return text(`{"id":${value}}`);
  const field = random.pick(wanted);
  const at = field.index + field[0].length - (field[2]?.length ?? 0);
  return text(source.slice(0, at) + value + source.slice(field.index + field[0].length));
}

function randomBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.word() & 0xff;
  return bytes;
}

function flipped(random: Random, body: Uint8Array): Uint8Array {
  const copy = new Uint8Array(body);
  for (let times = random.between(1, 3); times > 0; times--) {
    const at = random.between(0, Math.max(0, copy.length - 1));
    copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
  }
  return copy;
}

export const BODIES: Readonly<Record<string, SpoilBody>> = {
  'bytes flipped': flipped,
  'cut short': (random, body) => body.slice(0, random.between(0, Math.max(0, body.length - 1))),
  'bytes added': (random, body) => Buffer.concat([body, randomBytes(random, random.between(1, 40))]),
  empty: () => new Uint8Array(0),
  'random bytes': (random) => randomBytes(random, random.between(1, 300)),
  'other JSON': (random) => text(random.pick(ODD_TEXTS)),
  'odd id': (random, body) =>
    replaceField(random, body, random.pick(IDS), /^(id|admin_graphql_api_id|\w+_id)$/),
  'odd value': (random, body) => replaceField(random, body, random.pick(VALUES)),
  'prototype keys': (random, body) =>
    text(textOf(body).replace('{', `{"${random.pick(PROTOTYPE_KEYS)}":{"id":1,"polluted":true},`)),
  'keys twice': (random, body) => text(textOf(body).replace('{', `{"id":${random.pick(IDS)},`)),
  'huge number': (random, body) =>
    replaceField(random, body, `${random.chance(0.5) ? '-' : ''}${random.digits(random.between(20, 2_000))}`),
  'lone surrogates': (random, body) =>
    replaceField(random, body, random.pick(['"\\ud83d"', '"\\ude00x"', '"a\\ud83d\\ud83d"'])),
  'invalid UTF-8': (random, body) => {
    const at = random.between(0, body.length);
    return Buffer.concat([body.slice(0, at), Buffer.from([0xc3, 0x28, 0xff, 0xfe]), body.slice(at)]);
  },
  'byte order mark': (random, body) =>
    random.chance(0.5)
      ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])
      : Buffer.from(textOf(body), 'utf16le'),
  'deep nesting': (random) => {
    const depth = random.between(100, 3_000);
    return text(`{"id":1,"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  },
  'many fields': (random) =>
    text(`{"id":${random.digits(13)},${Array.from({ length: 300 }, (_, n) => `"f${n}":${n}`).join()}}`),
  gzip: (_, body) => gzipSync(body, { level: 1 }),
  'too long': (random) => (random.chance(0.02) ? TOO_LONG : text(`{"id":1,"note":"${'x'.repeat(20_000)}"}`)),
};
