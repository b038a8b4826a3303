/**
 * One invocation, in the order of the Node worker's own handler:
 *
 *     arguments → preInvocation hooks → the function → postInvocation hooks → response
 *
 * preInvocation hooks may replace the inputs and the callback, postInvocation hooks the result and the error: a
 * hook that sets `error` to null turns a failure into a success, here as in Azure.
 */

import type { App, Registered } from './app.ts';
import type { CoreContext, InvocationRequest, InvocationResponse } from './contract.ts';
import { programmingModel } from './core.ts';

/** Rejects with whatever the function or a hook threw. */
export async function runInvocation(
  app: App,
  fn: Registered,
  request: InvocationRequest,
): Promise<InvocationResponse> {
  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: undefined as unknown };
  const core = coreContext(app, fn, request, shared);
  const model = await programmingModel().getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  shared.invocationContext = context;

  const before = { ...shared, inputs, functionCallback: fn.callback };
  core.state = 'preInvocationHooks';
  await app.runHooks('preInvocation', before);

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  core.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (thrown) {
    after.error = thrown ?? new Error(`Function "${fn.name}" threw ${String(thrown)}.`);
  }

  core.state = 'postInvocationHooks';
  await app.runHooks('postInvocation', after);
  core.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  return await model.getResponse(context, after.result);
}

function coreContext(
  app: App,
  fn: Registered,
  request: InvocationRequest,
  shared: { readonly appHookData: unknown; readonly invocationContext: unknown },
): CoreContext {
  const { invocationId } = request;
  return {
    invocationId,
    request,
    metadata: { name: fn.name, bindings: fn.bindings },
    state: undefined,
    log(level, category, message) {
      const entry = { level, category, message, hookData: {}, ...shared };
      if (category === 'user') for (const hook of app.hooks.log) hook(entry);
      app.log({ level: entry.level, category, message: entry.message, functionName: fn.name, invocationId });
    },
  };
}
