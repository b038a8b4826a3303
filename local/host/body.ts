/** Reads a request body whole, or says why there is none. A handler never sees a part of a body. */

import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** The client went away, or sent fewer bytes than it had announced. There is nobody to answer. */
  | { readonly kind: 'aborted' };

/** Never rejects. Reading stops at the first byte over `bytesMax`, or before the first if more is announced. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Body> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: Body) => {
      request.off('data', take).off('end', end).off('close', abort);
      resolve(body);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > bytesMax) settle({ kind: 'too-large' });
    };
    const end = () =>
      settle(request.complete ? { kind: 'whole', bytes: Buffer.concat(chunks, size) } : { kind: 'aborted' });
    const abort = () => settle({ kind: 'aborted' });
    request.on('data', take).on('end', end).on('close', abort);
    // Nothing to do: `close` follows. Without a listener the error would end the process.
    request.on('error', () => {});
  });
}
