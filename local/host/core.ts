/**
 * The module `@azure/functions-core`, which is on no registry: the Functions worker puts it into the process, and
 * here we do, the way the worker does it, by answering `require`. With it the very registrations that run in
 * Azure register with this host.
 *
 * The library asks for the module once, at the first `app.…` call, and remembers a miss for ever; so the module
 * is one per process and must be in place before the first registration. Several hosts may still live in one
 * process (tests do that): registrations go to the host whose `collect` is under way, one at a time.
 */

import Module from 'node:module';
import { App, HOOK_NAMES, type Hook, type HookName } from './app.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from './contract.ts';
import type { Log } from './log.ts';

let injected = false;
let model: ProgrammingModel | undefined;
/** The app that registrations go to. Stays after its start, so that late hooks and log lines have a place. */
let current: App | undefined;
let collecting = false;
let lastTurn: Promise<unknown> = Promise.resolve();

class Disposable {
  readonly #undo: () => void;
  constructor(undo: () => void) {
    this.#undo = undo;
  }
  dispose(): void {
    this.#undo();
  }
}

const coreModule = {
  version: '3.0.0',
  hostVersion: '4.0.0',
  Disposable,
  setProgrammingModel: (given: ProgrammingModel) => {
    model = given;
  },
  getProgrammingModel: () => model,
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    const app = current;
    if (!app || !collecting)
      throw new Error(
        `Function "${metadata.name}" came too late: functions are registered while the host starts.`,
      );
    app.add(metadata, callback);
    return new Disposable(() => app.functions.delete(metadata.name));
  },
  registerHook(name: string, hook: Hook): Disposable {
    const known = HOOK_NAMES.find((each): each is HookName => each === name);
    // The library recognises this very error by its name and flag and translates it.
    if (!known)
      throw Object.assign(new RangeError(`Unknown hook "${name}".`), { isAzureFunctionsSystemError: true });
    const hooks = current?.hooks[known];
    hooks?.push(hook);
    return new Disposable(() => hooks?.splice(hooks.indexOf(hook) >>> 0, 1));
  },
  log(level: string, category: string, message: string): void {
    current?.log({ level, category, message });
  },
};

function inject(): void {
  if (injected) return;
  injected = true;
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (require, self, args) =>
      args[0] === '@azure/functions-core' ? coreModule : Reflect.apply(require, self, args),
  });
}

/** Runs `register` and returns what it registered. Concurrent calls take turns. */
export function collect(register: () => void | Promise<void>, log: Log): Promise<App> {
  const turn = lastTurn.then(() => collectNow(register, log));
  lastTurn = turn.catch(() => {});
  return turn;
}

async function collectNow(register: () => void | Promise<void>, log: Log): Promise<App> {
  inject();
  const app = new App(log);
  current = app;
  collecting = true;
  try {
    await register();
  } finally {
    collecting = false;
  }
  if (app.functions.size === 0)
    throw new Error(
      'No function was registered. Either `register` does not call app.http, .timer or .storageQueue; or it imports ' +
        'modules that register at import and were imported before in this process (a module runs once: export ' +
        'a function that registers); or @azure/functions was used before the first host started.',
    );
  await programmingModel().getCapabilities?.({});
  return app;
}

/** The library's side of every invocation. It announces itself with its first registration. */
export function programmingModel(): ProgrammingModel {
  if (!model)
    throw new Error('@azure/functions has not registered its programming model. Register a function first.');
  return model;
}
