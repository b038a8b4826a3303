/** One life of a Driftless process, from its start to its death. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { SLOWER } from './trial-database.ts';

export interface Settings {
  readonly dataDir: string;
  /** Stays the same from life to life, so that the subscriptions of the last one still lead here. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

const door = z.object({ url: z.url(), functionKey: z.string() });

const PROGRAM = new URL('./program.ts', import.meta.url);
const START_LIMIT_MS = 60_000 * SLOWER;
const STOP_LIMIT_MS = 20_000;

export class Host {
  readonly settings: Settings;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #door: Promise<z.output<typeof door>>;
  readonly #ended: Promise<unknown>;
  /** What went wrong, in its own words. */
  said = '';

  constructor(settings: Settings) {
    const { dataDir, port, env } = settings;
    this.settings = settings;
    this.#child = fork(PROGRAM, [dataDir], {
      execArgv: [],
      env: { PATH: process.env['PATH'], ...env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.pid = this.#child.pid!;
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.#ended = once(this.#child, 'close');
    this.#door = this.#opened();
    // Whoever kills it in its start does not wait for its door.
    this.#door.catch(() => {});
  }

  async #opened(): Promise<z.output<typeof door>> {
    const signal = AbortSignal.timeout(START_LIMIT_MS);
    const ended = this.#ended.then(() => {
      throw new Error(`It ended in its start:\n${this.said}`);
    });
    const [message] = await Promise.race([once(this.#child, 'message', { signal }), ended]);
    return door.parse(message);
  }

  /** Resolves when it listens; throws, with all it said, when it ends before. */
  async listens(): Promise<void> {
    await this.#door;
  }

  async reconcile(kind: 'sweep' | 'census' | 'content'): Promise<void> {
    const { url, functionKey } = await this.#door;
    const response = await fetch(`${url}/api/reconcile`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': functionKey },
      body: JSON.stringify({ store: this.settings.env['SHOPIFY_SHOP'], entity: 'all', kind }),
    });
    if (response.status !== 202)
      throw new Error(`The ${kind} was answered ${response.status}: ${await response.text()}`);
  }

  /** At once: no handler of its own runs any more. Throws, with all it said, when it had died by itself. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    if (this.#child.signalCode !== 'SIGKILL') throw new Error(`It died by itself:\n${this.said}`);
  }

  /** Whatever it is at, if it still is. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** As a person stops it. Throws when it does not end by itself, or not well. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const slow = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(slow);
    if (this.#child.exitCode !== 0) throw new Error(`It did not stop well:\n${this.said}`);
  }
}
