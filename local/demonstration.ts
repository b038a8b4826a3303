import { join } from 'node:path';
import { Reject } from '../src/failures.ts';
import { CLOCKWORK, comeAlive, demoEnvironment } from './demo.ts';
import { makeDirectory } from './directory.ts';
import { startDriftless } from './driftless.ts';
import { live } from './live.ts';
import type { Session } from './session.ts';
import { SimulatedShop } from './simulated.ts';

/**
 * With nothing configured: a simulated store, which lives on where it was left, and Driftless on its heels. Both
 * are kept in one directory, and only one start at a time may use it.
 */
export async function demonstration({ options, screen, log, told, signal }: Session): Promise<void> {
  const dataDir = join(options.data, 'demo');
  makeDirectory(dataDir);
  screen.say('Here is a simulated store, being filled. For yours, see .env.example.');
  const over = new AbortController();
  await using opened = new AsyncDisposableStack();
  const shop = await SimulatedShop.start({ ...options, journal: join(dataDir, 'shop.db') }, signal);
  opened.defer(() => shop.stop());
  const driftless = await startDriftless({
    env: { ...told, ...demoEnvironment(shop) },
    dataDir,
    timers: true,
    log,
    webhooksToHost: true,
    signal,
  });
  opened.defer(() => driftless.stop());
  opened.defer(() => over.abort());
  const ended = shop.ended.then((reason) => {
    if (!over.signal.aborted) throw new Reject(`the simulated store has ended: ${reason}`);
  });
  await Promise.race([
    ended,
    live({
      driftless,
      screen,
      signal: AbortSignal.any([signal, over.signal]),
      notes: [
        ...CLOCKWORK,
        `What happens in the store is yours to say at ${shop.controlUrl}/… (simulator/control.ts).`,
        `Ctrl-C stops. The next start goes on from here, with what is in ${dataDir}.`,
      ],
      onMirrored: () => comeAlive(shop),
    }),
  ]);
}
