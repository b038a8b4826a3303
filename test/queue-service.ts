import { createHmac, randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * As much of Azure's queue service as Driftless uses, on 127.0.0.1 (docs: Queue service REST API): queues that have to
 * be made first, messages with time-outs and pop receipts, and requests that are signed with the account's key.
 */
export interface StoredMessage {
  readonly id: string;
  text: string;
  popReceipt: string;
  visibleAt: number;
  readonly ttlSeconds: number;
  dequeueCount: number;
}

export interface QueueService {
  readonly url: string;
  readonly connectionString: string;
  readonly queues: Map<string, StoredMessage[]>;
  /** Of each request that came, `GET /queue/messages`. */
  readonly requests: string[];
  now: number;
  /** Answers for the next requests instead of what they ask for. */
  readonly failures: number[];
  /** Messages of a queue as their senders wrote them. */
  texts(queue: string): readonly string[];
}

const ACCOUNT = 'driftless';
const KEY = Buffer.from('not a secret, only a key for tests').toString('base64');

export async function queueService(
  /** The server that carries it, by http unless said otherwise. */
  serve: (listener: RequestListener) => Server = createServer,
  authorised: (request: IncomingMessage, url: URL) => boolean = isSigned,
): Promise<QueueService> {
  const state = {
    queues: new Map<string, StoredMessage[]>(),
    requests: [] as string[],
    failures: [] as number[],
  };
  const service = {
    ...state,
    now: 0,
    url: '',
    connectionString: '',
    texts: (name: string) => textsOf(state, name),
  };
  const server = serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    service.requests.push(`${request.method} ${url.pathname.replace(`/${ACCOUNT}`, '')}`);
    const failure = service.failures.shift();
    if (failure !== undefined) return refuse(response, failure, 'ServerBusy');
    if (!authorised(request, url)) return refuse(response, 403, 'AuthenticationFailed');
    answer(service, request, url, Buffer.concat(chunks).toString(), response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  service.url = `http://127.0.0.1:${port}/${ACCOUNT}`;
  service.connectionString = `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};QueueEndpoint=${service.url}`;
  return service;
}

const textsOf = ({ queues }: Pick<QueueService, 'queues'>, name: string): readonly string[] =>
  (queues.get(name) ?? []).map(({ text }) => Buffer.from(text, 'base64').toString());

function answer(
  service: QueueService,
  { method }: IncomingMessage,
  url: URL,
  body: string,
  response: ServerResponse,
): void {
  const [, , name = '', messages, id] = url.pathname.split('/');
  const queue = service.queues.get(name);
  if (messages === undefined && method === 'PUT') {
    if (queue === undefined) service.queues.set(name, []);
    response.writeHead(queue === undefined ? 201 : 204).end();
  } else if (queue === undefined) refuse(response, 404, 'QueueNotFound');
  else if (method === 'POST') sent(service, queue, url, body, response);
  else if (method === 'GET') received(service, queue, url, response);
  else {
    const found = queue.find(
      (each) => each.id === id && each.popReceipt === url.searchParams.get('popreceipt'),
    );
    if (found === undefined) refuse(response, 404, 'MessageNotFound');
    else if (method === 'DELETE') {
      queue.splice(queue.indexOf(found), 1);
      response.writeHead(204).end();
    } else {
      found.visibleAt = service.now + seconds(url, 'visibilitytimeout') * 1_000;
      found.popReceipt = randomUUID();
      response
        .writeHead(204, {
          'x-ms-popreceipt': found.popReceipt,
          'x-ms-time-next-visible': date(found.visibleAt),
        })
        .end();
    }
  }
}

function sent(
  service: QueueService,
  queue: StoredMessage[],
  url: URL,
  body: string,
  response: ServerResponse,
): void {
  const message: StoredMessage = {
    id: randomUUID(),
    text: /<MessageText>(.*)<\/MessageText>/s.exec(body)?.[1] ?? '',
    popReceipt: randomUUID(),
    visibleAt: service.now + seconds(url, 'visibilitytimeout') * 1_000,
    ttlSeconds: seconds(url, 'messagettl'),
    dequeueCount: 0,
  };
  queue.push(message);
  xml(response, 201, [message], false);
}

function received(service: QueueService, queue: StoredMessage[], url: URL, response: ServerResponse): void {
  const visible = queue.filter(({ visibleAt }) => visibleAt <= service.now);
  const taken = visible.slice(0, seconds(url, 'numofmessages') || 1);
  for (const message of taken) {
    message.visibleAt = service.now + seconds(url, 'visibilitytimeout') * 1_000;
    message.popReceipt = randomUUID();
    message.dequeueCount++;
  }
  xml(response, 200, taken, true);
}

function xml(response: ServerResponse, status: number, list: readonly StoredMessage[], whole: boolean): void {
  const items = list.map(
    ({ id, popReceipt, visibleAt, dequeueCount, text }) =>
      `<QueueMessage><MessageId>${id}</MessageId><InsertionTime>${date(0)}</InsertionTime>` +
      `<ExpirationTime>${date(253_402_300_799_000)}</ExpirationTime><PopReceipt>${popReceipt}</PopReceipt>` +
      `<TimeNextVisible>${date(visibleAt)}</TimeNextVisible>` +
      (whole ? `<DequeueCount>${dequeueCount}</DequeueCount><MessageText>${text}</MessageText>` : '') +
      '</QueueMessage>',
  );
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>${items.join('')}</QueueMessagesList>`);
}

const refuse = (response: ServerResponse, status: number, code: string): void => {
  response
    .writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code })
    .end(
      `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    );
};

const seconds = (url: URL, name: string): number => Number(url.searchParams.get(name) ?? 0);
const date = (ms: number): string => new Date(ms).toUTCString();

/** Docs: authorize with Shared Key. */
function isSigned({ method, headers }: IncomingMessage, url: URL): boolean {
  const of = (name: string) => String(headers[name] ?? '');
  const standard = [
    ...['content-encoding', 'content-language'].map(of),
    of('content-length') === '0' ? '' : of('content-length'),
    ...['content-md5', 'content-type', 'date', 'if-modified-since', 'if-match', 'if-none-match'].map(of),
    ...['if-unmodified-since', 'range'].map(of),
  ];
  const ours = Object.keys(headers).filter((name) => name.startsWith('x-ms-'));
  const named = ours.sort().map((name) => `${name}:${of(name)}`);
  const query = [...url.searchParams.entries()]
    .sort()
    .map(([name, value]) => `${name.toLowerCase()}:${value}`);
  const resource = [`/${ACCOUNT}${url.pathname}`, ...query];
  const text = [method, ...standard, ...named, ...resource].join('\n');
  const signature = createHmac('sha256', Buffer.from(KEY, 'base64')).update(text).digest('base64');
  return of('authorization') === `SharedKey ${ACCOUNT}:${signature}`;
}
