/** The simulator on a port: node:http around its `fetch`, and a heartbeat that lets the couriers send. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { ConnectionLost } from './api/faults.ts';
import type { Simulator } from './simulator.ts';

export interface ServerOptions {
  /** 0 picks a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly pumpEveryMs?: number;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 10 * 1024 * 1024;
const KEEP_ALIVE_MS = 60_000;

export async function startServer(simulator: Simulator, options: ServerOptions = {}): Promise<RunningServer> {
  const { port = 0, host = '127.0.0.1', pumpEveryMs = 50 } = options;
  const server = createServer({ keepAlive: true, keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    answer(simulator, incoming, outgoing).catch((error: unknown) => breakOff(outgoing, error));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, () => listening.resolve());
  await listening.promise;
  const heartbeat = setInterval(() => pump(simulator), pumpEveryMs);
  return {
    url: `http://${host}:${portOf(server.address())}`,
    async close() {
      clearInterval(heartbeat);
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function pump({ shops }: Simulator): void {
  for (const { courier, profile } of shops.values()) {
    courier
      .pump()
      .catch((error: unknown) => console.error(`The courier of ${profile.domain} failed:`, error));
  }
}

async function answer(
  simulator: Simulator,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  if (!body) {
    outgoing.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const response = await simulator.fetch(requestOf(incoming, body));
  // The simulator's clock, not this machine's, is what a client may go by.
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body) await pipeline(response.body, outgoing);
  else outgoing.end();
}

/** A connection that is to break, or that the client broke, just ends; anything else is a bug of ours. */
function breakOff(outgoing: ServerResponse, error: unknown): void {
  const expected = error instanceof ConnectionLost || outgoing.destroyed;
  if (!expected) console.error('The simulator failed:', error);
  outgoing.destroy();
}

/** Null when it is too large. */
async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function requestOf(incoming: IncomingMessage, body: Buffer<ArrayBuffer>): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      [value].flat().join(', '),
    ]),
    ...(hasBody ? { body } : {}),
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null)
    throw new Error('The server has no port: it is not listening.');
  return address.port;
}
