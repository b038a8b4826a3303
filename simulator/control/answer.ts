/** Answers of the control door. */

/** What the caller asked for cannot be done; the message says why. Answered 400. */
export class BadRequest extends Error {}

export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}

/** One JSON text a line, made as fast as it is read and no faster: a million rows need no memory. */
export function lines(values: Iterable<unknown> | AsyncIterable<unknown>): Response {
  const encoder = new TextEncoder();
  async function* encoded() {
    for await (const batch of batches(values)) yield encoder.encode(batch);
  }
  return new Response(ReadableStream.from(encoded()), {
    headers: { 'content-type': 'application/x-ndjson' },
  });
}

const BATCH_LENGTH = 64 * 1024;

/** Lines joined to pieces worth sending. */
async function* batches(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let batch = '';
  for await (const value of values) {
    batch += `${JSON.stringify(value)}\n`;
    if (batch.length < BATCH_LENGTH) continue;
    yield batch;
    batch = '';
  }
  if (batch) yield batch;
}
