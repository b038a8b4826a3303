import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Reject } from '../src/failures.ts';
import type { ExpectedRow } from './compare.ts';

/**
 * The simulated Shopify as a process of its own, and its control door. It ends with this process, however this
 * process ends.
 */
export interface SimulatedSettings {
  readonly seed: number;
  readonly plan: string;
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
  readonly costModel: string;
  /** The shop's, if not the usual one. */
  readonly domain?: string;
  /** Keeps the shop's changes across restarts. */
  readonly journal?: string;
}

export interface Change {
  readonly kind: 'customers' | 'products' | 'orders';
  readonly id: string;
  readonly what: string;
  readonly at: number;
}

const announcement = z.object({
  url: z.url(),
  shops: z.array(
    z.object({
      domain: z.string(),
      installation: z.object({ clientId: z.string(), clientSecret: z.string() }),
    }),
  ),
});

/** How far the demonstration's Shopify is behind the truth: less than SETTLE and OVERLAP, as in life. */
export const LAGS = { replicaLagMs: 200, indexLagMs: 1_000 };

const statistics = z.object({
  size: z.object({ customers: z.number(), products: z.number(), orders: z.number() }),
  api: z.object({ requests: z.number(), throttled: z.number(), points: z.number() }),
  webhooks: z.object({
    pending: z.number(),
    sent: z.number(),
    lost: z.number(),
    doubled: z.number(),
    reordered: z.number(),
  }),
});
export type SimulatedStats = z.output<typeof statistics>;

const SAID_LENGTH_MAX = 4_000;

export class SimulatedShop {
  readonly domain: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its control door: see simulator/control.ts. */
  readonly controlUrl: string;
  readonly #child: ChildProcess;
  /** Resolves when the simulator has ended, with its last words. */
  readonly ended: Promise<string>;

  private constructor(announced: z.output<typeof announcement>, child: ChildProcess, ended: Promise<string>) {
    const [shop] = announced.shops;
    if (shop === undefined) throw new Error('the simulator has no shop');
    this.domain = shop.domain;
    this.controlUrl = `${announced.url}/sim/${shop.domain}`;
    this.#child = child;
    this.ended = ended;
    this.env = {
      SHOPIFY_SHOP: shop.domain,
      SHOPIFY_CLIENT_ID: shop.installation.clientId,
      SHOPIFY_CLIENT_SECRET: shop.installation.clientSecret,
      SHOPIFY_ORIGIN: `${announced.url}/{shop}`,
    };
  }

  /** Throws a `Reject` with what the simulator said when it could not start. Gives up when `signal` does. */
  static async start(settings: SimulatedSettings, signal: AbortSignal): Promise<SimulatedShop> {
    const child = fork(new URL('../simulator/main.ts', import.meta.url), argumentsOf(settings), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C goes to the whole group of processes; the simulator ends when its parent lets go of it.
      detached: true,
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LENGTH_MAX);
    });
    // 'close' comes after the last output, 'exit' may come before it.
    const ended = once(child, 'close').then(
      ([code, killedBy]) => said.trim() || `it said nothing (${code ?? killedBy})`,
    );
    const lines = createInterface({ input: child.stdout! });
    try {
      const line = await Promise.race([
        once(lines, 'line', { signal }).then(([text]) => String(text)),
        ended.then((reason) => {
          throw new Reject(
            `the simulated store does not start: ${reason}\nWith another directory (--data) everything begins anew.`,
          );
        }),
      ]);
      said = '';
      return new SimulatedShop(announcement.parse(JSON.parse(line)), child, ended);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async setFaults(faults: object): Promise<void> {
    await this.#call('POST', 'faults', faults);
  }

  /** Makes changes at a pace and tells each as it happens. */
  async *changes(body: { count: number; perSecond: number; seed: number }): AsyncGenerator<Change> {
    yield* linesOf<Change>(await this.#call('POST', 'changes', body));
  }

  async live(changesPerSecond: number): Promise<void> {
    await this.#call('POST', 'live', { changesPerSecond });
  }

  /** The rows that a perfect mirror holds. */
  async *truth(kind: string): AsyncGenerator<ExpectedRow> {
    yield* linesOf<ExpectedRow>(await this.#call('GET', `truth/${kind}`));
  }

  async stats(): Promise<SimulatedStats> {
    return statistics.parse(await (await this.#call('GET', 'stats')).json());
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended;
  }

  async #call(method: string, action: string, body?: object): Promise<Response> {
    const response = await fetch(`${this.controlUrl}/${action}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok)
      throw new Error(`the simulator answered ${response.status} to ${action}: ${await response.text()}`);
    return response;
  }
}

const argumentsOf = (settings: SimulatedSettings): string[] => [
  '--port=0',
  `--seed=${settings.seed}`,
  `--plan=${settings.plan}`,
  `--customers=${settings.customers}`,
  `--products=${settings.products}`,
  `--orders=${settings.orders}`,
  `--cost-model=${settings.costModel}`,
  `--replica-lag=${LAGS.replicaLagMs}`,
  `--index-lag=${LAGS.indexLagMs}`,
  ...(settings.domain === undefined ? [] : [`--shop=${settings.domain}`]),
  ...(settings.journal === undefined ? [] : [`--journal=${settings.journal}`]),
];

async function* linesOf<T>(response: Response): AsyncGenerator<T> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield JSON.parse(part) as T;
  }
}
