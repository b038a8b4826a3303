import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** An Event Grid topic on this machine: it takes what the real client sends, and answers as the test says. */
const cloudEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.strictObject({
    store: z.string(),
    shopifyId: z.string(),
    rowId: z.number(),
    sequence: z.number(),
    updatedAt: z.iso.datetime(),
    changed: z.array(z.string()),
  }),
});
export type Received = z.output<typeof cloudEvent>;

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly events: readonly Received[];
}

export type Answer = number | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

export class TopicStub {
  readonly url: string;
  readonly requests: Asked[] = [];
  /** Of the requests that were answered with 2xx, in their order. */
  readonly accepted: Received[] = [];
  answer: (asked: Asked) => Answer = () => 200;
  readonly close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async start(tls: { readonly key: string; readonly cert: string } | null = null): Promise<TopicStub> {
    let stub: TopicStub | null = null;
    const { url, close } = await listening((request, response) => {
      bodyOf(request).then((body) =>
        stub!.#receive(request, body, (status, headers) => response.writeHead(status, headers).end()),
      );
    }, tls);
    stub = new TopicStub(`${url}/api/events`, close);
    return stub;
  }

  #receive(
    { url = '', headers }: IncomingMessage,
    body: string,
    respond: (status: number, headers: Readonly<Record<string, string>>) => void,
  ): void {
    const asked = { path: url, headers, body, events: z.array(cloudEvent).parse(JSON.parse(body)) };
    this.requests.push(asked);
    const answer = this.answer(asked);
    const { status, headers: more } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
    if (status < 300) this.accepted.push(...asked.events);
    respond(status, more);
  }
}

/** The endpoint where an App Service asks for its identity's tokens. */
export async function startIdentity(token: string) {
  const asked: string[] = [];
  const { url, close } = await listening((request, response) => {
    asked.push(`${request.url} ${request.headers['x-identity-header']}`);
    const resource = new URL(request.url ?? '', 'http://localhost').searchParams.get('resource');
    const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: token, expires_on, resource, token_type: 'Bearer' }));
  }, null);
  return { url: `${url}/msi/token`, asked, close };
}

async function listening(
  listener: RequestListener,
  tls: { readonly key: string; readonly cert: string } | null,
) {
  const server = tls === null ? createHttpServer(listener) : createHttpsServer(tls, listener);
  const ready = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => ready.resolve());
  await ready.promise;
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  };
  return { url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`, close };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
