/** `npm start` as a process of its own, in a directory of its own, and what it says. It ends with its test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SimulatedShop } from '../local/simulated.ts';

const MAIN = new URL('../local/main.ts', import.meta.url).pathname;

/** No person wants to see one. */
export const STACK = /\n\s+at .*[:(]/;

export function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

export class Start {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  said = '';

  /** Nothing of this environment but the path is handed on; `.env` is looked for in `cwd`. */
  constructor(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    onTestFinished(async () => {
      this.kill('SIGKILL');
      await this.#ended;
    });
  }

  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has said so; throws, with all it said, when it ends without. */
  async says(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.said)) {
      const more = once(this.#child.stderr!, 'data');
      const over = this.#ended.then(() => {
        if (!wanted.test(this.said)) throw new Error(`It ended without saying ${wanted}:\n${this.said}`);
      });
      await Promise.race([more, over]);
    }
  }

  /** The exit code; null when a signal ended it. */
  async exit(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }
}

export const SIZE = { customers: 60, products: 15, orders: 60 } as const;

/** A simulated shop that does not end with the program under test, as a real one would not. */
export const shopApart = (): Promise<SimulatedShop> =>
  SimulatedShop.start({ seed: 1, plan: 'plus', costModel: 'observed', ...SIZE }, AbortSignal.timeout(10_000));

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** A port behind which somebody listens and says nothing; `asked` resolves when somebody came. */
export async function silentPort(): Promise<{ readonly number: number; readonly asked: Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  return { number: portOf(server), asked: once(server, 'connection') };
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen.');
  return address.port;
}
