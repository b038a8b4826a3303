import { connect } from 'node:net';
import type { Random } from '../../simulator/random.ts';
import type { Attempt } from './attempt.ts';

/** Requests that are no proper HTTP, or not the kind that Shopify sends, as bytes on a connection of their own. */
type Spell = (random: Random, attempt: Attempt) => Uint8Array;

const PATH = '/api/webhooks/shopify';

/** Head and body as they go over the wire; the length is told unless `length` says otherwise. */
function spelled(
  { headers, body }: Attempt,
  { start = `POST ${PATH} HTTP/1.1`, host = 'Host: 127.0.0.1', length = '', rest = body as Uint8Array } = {},
): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const told = length === '' ? `Content-Length: ${body.length}` : length;
  const head = [start, host, ...lines, told].filter((line) => line !== '-').join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), rest]);
}

function chunked(body: Uint8Array, size: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.slice(at, at + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

const CHUNKED = 'Transfer-Encoding: chunked';

export const WIRE: Readonly<Record<string, Spell>> = {
  'in chunks': (random, attempt) =>
    spelled(attempt, { length: CHUNKED, rest: chunked(attempt.body, random.between(1, 4_000)) }),
  'a chunk of no length': (_, attempt) =>
    spelled(attempt, { length: CHUNKED, rest: Buffer.from('zz\r\nabc\r\n0\r\n\r\n') }),
  'a chunk that ends early': (_, attempt) =>
    spelled(attempt, { length: CHUNKED, rest: Buffer.from('ffff\r\n{"id":1') }),
  'less than was told': (random, attempt) =>
    spelled(attempt, { length: `Content-Length: ${attempt.body.length + random.between(1, 1_000)}` }),
  'more than was told': (_, attempt) =>
    spelled(attempt, { length: `Content-Length: ${Math.floor(attempt.body.length / 2)}` }),
  'two lengths': (_, attempt) => spelled(attempt, { length: `Content-Length: 5\r\nContent-Length: 6` }),
  'a length and chunks': (_, attempt) => spelled(attempt, { length: `${CHUNKED}\r\nContent-Length: 4` }),
  'an odd length': (random, attempt) =>
    spelled(attempt, {
      length: `Content-Length: ${random.pick(['-1', '1e3', '0x10', 'x', '99999999999999999999'])}`,
    }),
  'another method': (random, attempt) =>
    spelled(attempt, {
      start: `${random.pick(['GET', 'PUT', 'DELETE', 'PROPFIND', 'OPTIONS', 'BREW'])} ${PATH} HTTP/1.1`,
    }),
  'another path': (random, attempt) =>
    spelled(attempt, {
      start: `POST ${random.pick([`/api/..${PATH}`, `${PATH}%00`, `/${PATH}`, `${PATH}/../reconcile`, `http://evil.example${PATH}`, `${PATH}?code=x&code=y`, '/admin/functions/Tick', '*', '%'])} HTTP/1.1`,
    }),
  'no host': (_, attempt) => spelled(attempt, { host: '-' }),
  'another version': (random, attempt) =>
    spelled(attempt, { start: `POST ${PATH} ${random.pick(['HTTP/1.0', 'HTTP/9.9', 'HTTP', 'SIP/2.0'])}` }),
  'headers without end': (_, attempt) => spelled(attempt, { host: `X-Long: ${'x'.repeat(70_000)}` }),
  'a header folded and one with a break': (_, attempt) =>
    spelled(attempt, { host: 'Host: x\r\n y\r\nX-A: b\rc' }),
  'two at once': (_, attempt) => Buffer.concat([spelled(attempt), spelled(attempt)]),
  'no HTTP at all': (random) => Buffer.from(random.hex(random.between(2, 400)), 'hex'),
};
export const WIRE_NAMES = Object.keys(WIRE);

const ANSWER_MS_MAX = 5_000;

/** The status of the first answer, or `closed` when the connection was closed without one. */
export function sendBytes(port: number, bytes: Uint8Array): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const settle = () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
      socket.destroy();
      resolve(status === undefined ? 'closed' : Number(status));
    };
    socket.setTimeout(ANSWER_MS_MAX, settle);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (answer.includes('\r\n')) settle();
    });
    // A server that has refused resets what is still being sent to it.
    socket.on('error', settle).on('end', settle).on('close', settle);
    socket.end(bytes);
  });
}
