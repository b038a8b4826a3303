/** The functions and hooks that one host was given: what the real host would call the function app. */

import type { Binding, FunctionCallback, FunctionMetadata, RetryPolicy } from './contract.ts';
import type { Log } from './log.ts';

export const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOK_NAMES)[number];

/** A hook gets one mutable object and speaks by changing it (`inputs`, `result`, `error` …). */
export type Hook = (context: Record<string, unknown>) => unknown;

export interface Registered {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly trigger: Binding & { readonly bindingName: string };
  readonly retry: RetryPolicy | undefined;
  readonly callback: FunctionCallback;
}

export class App {
  readonly functions = new Map<string, Registered>();
  readonly hooks: Readonly<Record<HookName, Hook[]>> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  };
  /** Shared by all hooks of all invocations, as the library documents it. */
  readonly appHookData = {};
  readonly log: Log;
  readonly #appOnlyHookData = {};

  constructor(log: Log) {
    this.log = log;
  }

  add({ name, bindings, retryOptions }: FunctionMetadata, callback: FunctionCallback): void {
    if (this.functions.has(name))
      throw new Error(`Two functions are registered as "${name}". Rename one: the name is its address.`);
    const found = Object.entries(bindings).find(([, binding]) => /trigger$/i.test(binding.type));
    if (!found)
      throw new Error(
        `Function "${name}" has no trigger. Register it with app.http, .timer or .storageQueue.`,
      );
    const trigger = { ...found[1], bindingName: found[0] };
    this.functions.set(name, { name, bindings, trigger, retry: retryOptions, callback });
  }

  /** The functions with one kind of trigger; the library's spelling of types varies in case. */
  withTrigger(type: 'httpTrigger' | 'queueTrigger' | 'timerTrigger'): Registered[] {
    return [...this.functions.values()].filter((fn) => fn.trigger.type.toLowerCase() === type.toLowerCase());
  }

  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.hooks[name]) await hook(context);
  }

  async runAppHooks(name: 'appStart' | 'appTerminate'): Promise<void> {
    await this.runHooks(name, {
      hookData: this.#appOnlyHookData,
      appHookData: this.appHookData,
      functionAppDirectory: process.cwd(),
    });
  }
}
