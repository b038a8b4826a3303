/**
 * Invokes functions for whoever has a reason to (a request, a message, an occurrence): gives each invocation an
 * id and a time limit, sends what it wrote to queue output bindings, and knows what is under way.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import type { App, Registered } from './app.ts';
import type { InvocationResponse, RetryContext, TypedData } from './contract.ts';
import { resolveSettings } from './hostJson.ts';
import { runInvocation } from './invocation.ts';
import { describe } from './log.ts';
import type { SqliteQueues } from './queues.ts';

export interface InvocationInput {
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly retry?: RetryContext | undefined;
}

export interface InvokerOptions {
  readonly app: App;
  readonly queues: SqliteQueues;
  readonly settings: Readonly<Record<string, string>>;
  readonly functionTimeoutMs: number;
}

export class Invoker {
  readonly #options: InvokerOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** Rejects, after logging it, with what the function threw. A failure is an outcome here, the caller's policy decides. */
  async invoke(fn: Registered, input: InvocationInput): Promise<InvocationResponse> {
    const invocationId = randomUUID();
    const work = this.#timed(fn, this.#run(fn, invocationId, input));
    this.#running.add(work);
    try {
      return await work;
    } catch (thrown) {
      const message = `failed: ${describe(thrown)}`;
      this.#options.app.log({
        level: 'error',
        category: 'host',
        message,
        functionName: fn.name,
        invocationId,
      });
      throw thrown;
    } finally {
      this.#running.delete(work);
    }
  }

  async #run(fn: Registered, invocationId: string, input: InvocationInput): Promise<InvocationResponse> {
    const response = await runInvocation(this.#options.app, fn, {
      invocationId,
      functionId: fn.name,
      inputData: [{ name: fn.trigger.bindingName, data: input.data }],
      triggerMetadata: input.metadata ?? {},
      traceContext: {
        traceParent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
        traceState: '',
      },
      ...(input.retry && { retryContext: input.retry }),
    });
    await this.#sendOutputs(fn, response);
    return response;
  }

  /**
   * The real host restarts the worker process when an invocation exceeds `functionTimeout`, and everything else
   * in it dies too. We only give up on the invocation: it fails, and what it still does is no longer awaited.
   */
  async #timed<T>(fn: Registered, work: Promise<T>): Promise<T> {
    const limitMs = this.#options.functionTimeoutMs;
    if (!Number.isFinite(limitMs)) return await work;
    const { promise: limit, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(
        new Error(`"${fn.name}" exceeded functionTimeout (${limitMs} ms). Azure would restart the process.`),
      );
    }, limitMs).unref();
    try {
      return await Promise.race([work, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #sendOutputs(fn: Registered, { outputData = [], returnValue }: InvocationResponse): Promise<void> {
    const outputs = returnValue ? [...outputData, { name: '$return', data: returnValue }] : outputData;
    for (const { name, data } of outputs) {
      const binding = fn.bindings[name];
      if (binding?.type !== 'queue') continue;
      const queue = resolveSettings(
        String(binding['queueName']),
        this.#options.settings,
        `Function "${fn.name}"`,
      );
      for (const text of messageTexts(data)) await this.#options.queues.sendText(queue, text);
    }
  }
}

/** An array is one message per element, as in Azure. */
function messageTexts(data: TypedData): string[] {
  if (data.bytes) return [Buffer.from(data.bytes).toString()];
  if (data.json === undefined) return [data.string ?? String(data.int ?? data.double)];
  const value: unknown = JSON.parse(data.json);
  if (!Array.isArray(value)) return [data.json];
  return value.map((each: unknown) => (typeof each === 'string' ? each : JSON.stringify(each)));
}
