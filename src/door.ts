import type { Access } from './access.ts';

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
