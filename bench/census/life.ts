import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { Executed } from './statements.ts';

/** One life of the service: a process of its own, from its start to its end, and what it used. */
const used = z.object({ executed: z.record(z.string(), z.int()), peakKib: z.number() });
const door = z.object({ url: z.url(), functionKey: z.string() });
const told = z.union([used, door]);
type Door = z.output<typeof door>;

interface Home {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly heapMiB: number;
}

const PROGRAM = new URL('./service.ts', import.meta.url);

export class Life {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #door = Promise.withResolvers<Door>();
  /** What it has told last. */
  executed: Executed = {};
  peakKib = 0;
  #said = '';

  constructor({ dataDir, env, heapMiB }: Home) {
    this.#child = fork(PROGRAM, [dataDir], {
      // Left alone, Node takes the size of its heap from the machine's memory, and on a large one it lets lie what an
      // instance in Azure would have collected long before.
      execArgv: [`--max-heap-size=${heapMiB}`],
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    this.#child.on('message', (message) => this.#hear(told.parse(message)));
    // 'close' comes when all that it told has been heard, 'exit' may come before.
    this.#ended = once(this.#child, 'close');
    // Whoever kills it in its start does not wait for its door.
    this.#door.promise.catch(() => {});
    this.#ended.then(() => this.#door.reject(new Error(`The service ended in its start:\n${this.#said}`)));
  }

  #hear(message: z.output<typeof told>): void {
    if ('url' in message) this.#door.resolve(message);
    else ({ executed: this.executed, peakKib: this.peakKib } = message);
  }

  /** Throws, with all it said, when it has ended by itself. */
  assertAlive(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error(`The service ended by itself:\n${this.#said}`);
  }

  /** Asks for a census of the customers through the door for people. */
  async census(store: string): Promise<void> {
    const { url, functionKey } = await this.#door.promise;
    const response = await fetch(`${url}/api/reconcile`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': functionKey },
      body: JSON.stringify({ store, entity: 'customers', kind: 'census' }),
    });
    if (response.status !== 202)
      throw new Error(`The census was answered ${response.status}: ${await response.text()}`);
  }

  /** Resolves once its door is open; throws when it ends before. */
  async opened(): Promise<void> {
    await this.#door.promise;
  }

  /** At once: no handler of its own runs any more. */
  async kill(): Promise<void> {
    this.assertAlive();
    await this.end('SIGKILL');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}
