import { app } from '@azure/functions';
import type { Service } from '../../src/service.ts';

/**
 * What an invocation measured is handed over after it: an idle instance may be taken away before the minute is over
 * in which the exporter would do so by itself. Whoever called by HTTP does not wait for it.
 */
export function registerFlushing(service: () => Promise<Service>): void {
  const flush = async (when?: 'now') => {
    try {
      await (await service()).telemetry.flush(when);
    } catch {
      // A service that cannot be assembled fails its invocations, and says why there.
    }
  };
  app.hook.postInvocation(async ({ invocationContext }) => {
    const flushed = flush();
    if (invocationContext.options.trigger.type !== 'httpTrigger') await flushed;
  });
  // A process that is scaled in, or replaced, has no ten seconds more.
  app.hook.appTerminate(() => flush('now'));
}
