/**
 * The HTTP side of the host: routes, keys, bodies, `POST /admin/functions/{name}`. It answers like Azure's front
 * end where callers can tell: 404 for a wrong method (the method is part of the route), 401 without a key, 500
 * with an empty body when a function throws, lower-cased header names, the body's exact bytes.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Registered } from './app.ts';
import { type Body, readBody } from './body.ts';
import type { InvocationResponse } from './contract.ts';
import type { Invoker } from './invoker.ts';
import { describe, type Log } from './log.ts';
import { adminInput, httpInput, urlOf } from './request.ts';
import { writeResponse, writeStatus } from './response.ts';
import type { Route } from './routes.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly functions: ReadonlyMap<string, Registered>;
  readonly invoker: Invoker;
  /** Runs a function because somebody asked at the admin address. Never rejects. */
  readonly runNow: (fn: Registered, input: string) => void;
  readonly functionKey: string;
  readonly maxBodyBytes: number;
  /** host.json's, for every answer. */
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** After a refusal the rest of a body is thrown away for this long, so that the client can read the answer. */
const LINGER_MS = 1_000;
/** A request that is not complete after this is not answered any more (408). */
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;

export class HttpDoor {
  readonly #options: HttpOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The requests that are being read or answered. */
  readonly #open = new Map<Promise<void>, Socket>();
  #stopping = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#accept(request, response));
    this.#server.on('connection', (socket) => this.#connect(socket));
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  get busy(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves to the port; 0 asks for a free one. */
  listen(port: number, hostname: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(listenError(cause, port, hostname)),
      );
      this.#server.listen(port, hostname, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /**
   * No new connection lives, idle ones are closed, open requests go on until `close`. Not `server.close()` yet: it
   * takes a connection for idle while the last answer on it is still being sent, and cuts it off.
   */
  stop(): void {
    this.#stopping = true;
    const inUse = new Set(this.#open.values());
    for (const socket of this.#sockets) if (!inUse.has(socket)) socket.destroy();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#open.keys());
  }

  /** What is still open now is cut. Resolves when the port is free. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #connect(socket: Socket): void {
    if (this.#stopping) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const work = this.#answer(request, response);
    this.#open.set(work, request.socket);
    void work.finally(() => this.#open.delete(work));
  }

  /** Ends when the last byte was handed over, or nobody is there to take it. Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      for (const [name, value] of Object.entries(this.#options.customHeaders))
        response.setHeader(name, value);
      await this.#handle(request, response);
    } catch (thrown) {
      const message = `an answer could not be written: ${describe(thrown)}`;
      this.#options.log({ level: 'error', category: 'host', message });
      if (response.headersSent) response.destroy();
      else writeStatus(response, 500);
    }
    await finished(response).catch(() => {});
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#stopping) {
      response.setHeader('connection', 'close');
      return refuse(request, response, 503);
    }
    const url = urlOf(request);
    if (!url) return refuse(request, response, 400);
    const admin = /^\/admin\/functions\/([^/]+)$/.exec(url.pathname);
    if (admin?.[1]) return await this.#runNow(request, response, url, admin[1]);

    const found = this.#find(request, url);
    if (found === 'malformed') return refuse(request, response, 400);
    if (!found) return refuse(request, response, 404);
    const { fn, parameters } = found;
    if (fn.trigger['authLevel'] !== 'anonymous' && !this.#hasKey(request, url))
      return refuse(request, response, 401);

    const body = await this.#body(request, response);
    if (body.kind !== 'whole') return;
    let answer: InvocationResponse;
    try {
      answer = await this.#options.invoker.invoke(fn, {
        data: httpInput(request, url, parameters, body.bytes),
      });
    } catch {
      writeStatus(response, 500);
      return;
    }
    // Otherwise the client would use the connection again and find it closed.
    if (this.#stopping) response.setHeader('connection', 'close');
    writeResponse(response, answer);
  }

  #find(request: IncomingMessage, url: URL) {
    for (const { fn, methods, match } of this.#options.routes) {
      if (!methods.has(request.method ?? '')) continue;
      try {
        const parameters = match(url.pathname);
        if (parameters) return { fn, parameters };
      } catch {
        return 'malformed';
      }
    }
    return undefined;
  }

  /** 202 at once: whoever asks this way wants it started, not its result. */
  async #runNow(request: IncomingMessage, response: ServerResponse, url: URL, name: string): Promise<void> {
    if (!this.#hasKey(request, url)) return refuse(request, response, 401);
    const fn = this.#options.functions.get(name);
    if (request.method !== 'POST' || !fn) return refuse(request, response, 404);
    const body = await this.#body(request, response);
    if (body.kind !== 'whole') return;
    const input = fn.trigger.type.toLowerCase() === 'httptrigger' ? undefined : adminInput(body.bytes);
    if (input === undefined) return refuse(request, response, 400);
    this.#options.runNow(fn, input);
    writeStatus(response, 202);
  }

  /** Anything but a whole body has been answered, if there is anybody to answer. */
  async #body(request: IncomingMessage, response: ServerResponse): Promise<Body> {
    const body = await readBody(request, this.#options.maxBodyBytes);
    if (body.kind === 'too-large') refuse(request, response, 413);
    return body;
  }

  /** One key serves function and admin level: there is one person at a local host. */
  #hasKey(request: IncomingMessage, url: URL): boolean {
    const given = String(request.headers['x-functions-key'] ?? url.searchParams.get('code') ?? '');
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(given), digest(this.#options.functionKey));
  }
}

/** Answers without having read the body, and reads no more of it than a client needs to notice. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  writeStatus(response, status);
  if (request.complete) return;
  request.resume();
  const cut = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(cut)).once('end', () => clearTimeout(cut));
}

function listenError(cause: NodeJS.ErrnoException, port: number, hostname: string): Error {
  if (cause.code === 'EADDRINUSE')
    return new Error(
      `Port ${port} on ${hostname} is in use. Stop the program that listens there, or choose another port (0 = any free one).`,
      { cause },
    );
  if (cause.code === 'EACCES')
    return new Error(`Port ${port} on ${hostname} is not allowed to you. Choose a port above 1023.`, {
      cause,
    });
  return new Error(`Cannot listen on ${hostname}:${port} (${cause.code}). Choose another port or address.`, {
    cause,
  });
}
