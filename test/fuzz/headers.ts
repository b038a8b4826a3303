import type { Random } from '../../simulator/random.ts';
import type { Captured } from '../webhook-requests.ts';
import { type Attempt, type Ground, SIGNATURE, signed, unsigned, withHeaders } from './attempt.ts';

/** Ways to spoil the headers of a delivery whose body is as Shopify sent it. */
type SpoilHeaders = (ground: Ground, original: Captured) => Omit<Attempt, 'kind'>;

/** Topics that act on more than a key, under which an ordinary body must do nothing. */
const LIFE_CYCLE = [
  'app/uninstalled',
  'shop/redact',
  'customers/redact',
  'customers/data_request',
  'shop/update',
];
const ODD = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  "'; DROP TABLE Stores --",
  '%00',
  '{{7*7}}',
  'a'.repeat(4_000),
  '\u00e9\u00ff',
  'null',
  '0',
];
const TIMES = [
  '',
  'now',
  '0',
  '-1',
  '1e99',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  'May 1',
];

const topicHeader = (topic: string) => ({ 'X-Shopify-Topic': topic });

export const HEADERS: Readonly<Record<string, SpoilHeaders>> = {
  'as sent': (_, original) => unsigned(original, original.body),
  'sent again under another id': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { 'X-Shopify-Webhook-Id': random.uuid() }),
  'no signature': (_, original) => ({
    ...withHeaders(unsigned(original, original.body), { [SIGNATURE]: null }),
    signature: 'wrong',
  }),
  'wrong secret': ({ random }, original) => wrongly(original, randomBase64(random, 32)),
  'signature of another length': ({ random }, original) =>
    wrongly(original, randomBase64(random, random.pick([0, 1, 16, 31, 33, 64, 3_000]))),
  'signature spelled oddly': (ground, original) => ({
    ...withHeaders(unsigned(original, original.body), {
      [SIGNATURE]: respelled(ground.random, original.headers[SIGNATURE] ?? ''),
    }),
    signature: 'odd',
  }),
  'signature of another body': ({ random, originals }, original) => {
    const other = random.pick(originals).headers[SIGNATURE] ?? '';
    return other === original.headers[SIGNATURE] ? wrongly(original, 'x') : wrongly(original, other);
  },
  'another topic': ({ random, originals }, original) => {
    const { headers } = random.pick(originals);
    return withHeaders(unsigned(original, original.body), topicHeader(headers['X-Shopify-Topic'] ?? ''));
  },
  'a topic of the life cycle': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), topicHeader(random.pick(LIFE_CYCLE))),
  'an odd topic': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), topicHeader(random.pick(ODD))),
  'an odd shop': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { 'X-Shopify-Shop-Domain': random.pick(ODD) }),
  'an unknown shop': (ground, original) =>
    withHeaders(signed(ground, original, original.body), {
      'X-Shopify-Shop-Domain': `${ground.random.hex(8)}.myshopify.com`,
    }),
  'an odd time': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { 'X-Shopify-Triggered-At': random.pick(TIMES) }),
  'an odd webhook id': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { 'X-Shopify-Webhook-Id': random.pick(ODD) }),
  'an odd API version': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { 'X-Shopify-API-Version': random.pick(ODD) }),
  'an odd content type': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), {
      'Content-Type': random.pick([
        'text/xml',
        'multipart/form-data',
        'application/json; charset=utf-7',
        '*/*',
        'application/x-www-form-urlencoded',
      ]),
    }),
  'an encoding that is not so': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), {
      'Content-Encoding': random.pick(['gzip', 'br', 'deflate', 'identity, gzip']),
    }),
  'a header missing': ({ random }, original) =>
    withHeaders(unsigned(original, original.body), { [random.pick(Object.keys(original.headers))]: null }),
  'a header twice': ({ random }, original) => {
    const name = random.pick(Object.keys(original.headers));
    const twice = `${original.headers[name]}, ${original.headers[name]}`;
    const signature = name === SIGNATURE ? 'odd' : 'right';
    return { ...withHeaders(unsigned(original, original.body), { [name]: twice }), signature };
  },
  'many headers': ({ random }, original) =>
    withHeaders(
      unsigned(original, original.body),
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`X-Noise-${n}`, random.hex(20)])),
    ),
  'signs of a platform that nobody gave': (_, original) =>
    withHeaders(unsigned(original, original.body), {
      'X-MS-Client-Principal': 'eyJjbGFpbXMiOltdfQ==',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Host': 'evil.example',
      'X-HTTP-Method-Override': 'DELETE',
    }),
};

const wrongly = (original: Captured, signature: string): Omit<Attempt, 'kind'> => ({
  ...withHeaders(unsigned(original, original.body), { [SIGNATURE]: signature }),
  signature: 'wrong',
});

const randomBase64 = (random: Random, bytes: number): string =>
  Buffer.from(random.hex(bytes * 2), 'hex').toString('base64');

function respelled(random: Random, signature: string): string {
  const bytes = Buffer.from(signature, 'base64');
  return random.pick([
    bytes.toString('hex'),
    bytes.toString('base64url'),
    `sha256=${signature}`,
    `${signature}=`,
    signature.replace(/=+$/, ''),
    signature.toLowerCase(),
    [...signature].join(' '),
    `"${signature}"`,
    `${signature}${signature}`,
  ]);
}
