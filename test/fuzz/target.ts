import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { registerAll } from '../../app/register.ts';
import type { App } from '../../local/host/app.ts';
import { collect } from '../../local/host/core.ts';
import { type LocalHost, startHost } from '../../local/host/host.ts';
import { runInvocation } from '../../local/host/invocation.ts';
import { openQueues } from '../../local/host/queues.ts';
import { ENTITY_NAMES } from '../../src/entities/registry.ts';
import { type Captured, changes, oneOfEach } from '../webhook-requests.ts';
import { World } from '../world.ts';
import type { Attempt } from './attempt.ts';

/** A mirrored store at rest behind the real door, in process and over HTTP. Whatever moves in it was moved by requests. */
export class Target {
  readonly world: World;
  readonly originals: readonly Captured[];
  readonly #app: App;
  readonly #host: LocalHost;
  readonly #queues;
  readonly #agent = new Agent({ keepAlive: true });
  /** Signals that the door has sent. */
  signals = 0;

  static readonly PREVIOUS = 'the-secret-before-this-one';

  private constructor(
    world: World,
    originals: readonly Captured[],
    app: App,
    host: LocalHost,
    queues: ReturnType<typeof openQueues>,
  ) {
    this.world = world;
    this.originals = originals;
    this.#app = app;
    this.#host = host;
    this.#queues = queues;
    const { send: original } = world.queues;
    world.queues.send = async (queue, message, options) => {
      if (queue === 'signals') this.signals++;
      await original.call(world.queues, queue, message, options);
    };
  }

  static async open(seed: number): Promise<Target> {
    const size = { customers: 12, products: 5, orders: 12 };
    const env = { SHOPIFY_WEBHOOK_SECRET_PREVIOUS: Target.PREVIOUS };
    const world = await World.create({ seed, size, env });
    await world.mirrored();
    const sent = await changes(world, 150, { delivered: false });
    // The shortest of each topic: more requests in the same time.
    const originals = oneOfEach(sent.toSorted((a, b) => b.body.length - a.body.length));
    await world.reconcile('content');
    await world.live(20 * 60_000, 60_000);
    const register = () => registerAll(async () => world.service, {});
    const hostJson = JSON.parse(readFileSync(new URL('../../host.json', import.meta.url), 'utf8'));
    const queues = openQueues(':memory:');
    const options = { hostJson, queues, port: 0, settings: {}, timers: false, log: () => {} };
    const host = await startHost({ register, ...options });
    return new Target(world, originals, await collect(register, () => {}), host, queues);
  }

  /** Through the library, as the worker calls it; whatever is thrown is a 500 there. */
  async invoke({ headers, body }: Attempt): Promise<number> {
    const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), { value }] as const);
    const http = {
      method: 'POST',
      url: 'https://driftless.test/api/webhooks/shopify',
      nullableHeaders: Object.fromEntries(entries),
      ...(body.length > 0 && { body: { bytes: body } }),
    };
    const fn = this.#app.functions.get('ShopifyWebhook')!;
    const { returnValue } = await runInvocation(this.#app, fn, {
      invocationId: randomUUID(),
      functionId: fn.name,
      inputData: [{ name: fn.trigger.bindingName, data: { http } }],
      triggerMetadata: {},
      traceContext: { traceParent: '', traceState: '' },
    });
    return Number(returnValue?.http?.statusCode);
  }

  get port(): number {
    return Number(new URL(this.#host.url).port);
  }

  /** Over HTTP, on connections that are used again. */
  post({ headers, body }: Attempt): Promise<number | 'closed'> {
    return new Promise((resolve) => {
      const request = send(`${this.#host.url}/api/webhooks/shopify`, {
        method: 'POST',
        agent: this.#agent,
        headers: { ...headers, 'Content-Length': body.length },
      });
      request.on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      request.on('error', () => resolve('closed'));
      request.end(body);
    });
  }

  /** The signals become marks, and the marks reads, as in life. */
  async settle(): Promise<void> {
    await this.world.live(60_000, 20_000);
  }

  /** Every row of the mirror with its children, but for when it was read. */
  async rows(): Promise<string> {
    const storeId = await this.world.storeId();
    const all = [];
    for (const entity of ENTITY_NAMES)
      all.push(await this.world.database.mirrorRows(storeId, entity, null, 100_000));
    return JSON.stringify(all);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#host.stop();
    this.#queues.close();
    await this.world.close();
  }
}
