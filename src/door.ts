import type { z } from 'zod';
import type { Access } from './access.ts';
import { Reject, Transient } from './failures.ts';

/** What the doors for HTTP have in common. Headers that every answer carries are host.json's. */

interface Asked {
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The door of an operator: who may not come in is told why, and what he sends in is JSON of bounded length. */
export const operatorHandler =
  <R extends Asked>(
    access: Access,
    bytesMax: number,
    handle: (request: R, json: unknown) => Promise<Answer>,
  ) =>
  async (request: R): Promise<{ readonly status: number; readonly jsonBody: Answer['body'] }> => {
    const refused = access.refusal(request.headers);
    if (refused !== null) return { status: refused.status, jsonBody: { error: refused.reason } };
    const bytes = await boundedBody(request, bytesMax);
    if (bytes === null)
      return { status: 413, jsonBody: { error: `the body is longer than ${bytesMax / 1024} KiB` } };
    const { status, body } = await handle(request, jsonOf(bytes));
    return { status, jsonBody: body };
  };

/** Does what is asked for, or says what to send instead: in the words of the schema. */
export async function asked<A, R>(
  schema: z.ZodType<A>,
  json: unknown,
  work: (asked: A) => Promise<R>,
): Promise<R | { readonly status: 400; readonly body: { readonly error: string } }> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return await work(parsed.data);
  return { status: 400, body: { error: parsed.error.issues.map(({ message }) => message).join('; ') } };
}

/** What cannot be done now is no bug, and was not taken: the operator asks again. `tell` logs why. */
export async function orLater<R>(
  work: () => Promise<R>,
  tell: (cause: string) => void,
): Promise<R | { readonly status: 503; readonly body: { readonly error: string } }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Transient || error instanceof Reject)) throw error;
    tell(error.message);
    return { status: 503, body: { error: `not taken, ask again: ${error.message}` } };
  }
}

/** Null when it is none. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** The body, or null when it is longer than that. What says so in advance is not even read. */
export async function boundedBody(request: Asked, bytesMax: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null;
  const body = new Uint8Array(await request.arrayBuffer());
  return body.byteLength > bytesMax ? null : body;
}
