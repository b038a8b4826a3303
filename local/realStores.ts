import type { Environment } from '../src/config.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { schedulesOf, sweepSetting } from '../src/schedules.ts';
import { startDriftless } from './driftless.ts';
import { live } from './live.ts';
import type { Session } from './session.ts';

/** The stores that the environment names, with production's timing unless it says otherwise. */
export async function realStores({ options, screen, log, signal }: Session, env: Environment): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const driftless = await startDriftless({
    env,
    dataDir: options.data,
    timers: true,
    log,
    webhooksToHost: false,
    signal,
  });
  opened.defer(() => driftless.stop());
  const { configuredStores, webhookUrl } = driftless.service;
  screen.say(`Connecting to ${configuredStores.map(({ domain }) => domain).join(', ')} …`);
  await live({
    driftless,
    screen,
    signal,
    notes: [
      webhookUrl === null
        ? 'No webhooks, as WEBHOOK_URL is not set: changes come with the sweeps alone.'
        : `Webhooks come to ${webhookUrl}, which has to lead to ${driftless.host.url}.`,
      `Ctrl-C stops. The next start goes on from here, with what is in ${options.data}.`,
    ],
    onMirrored: async () => listening(webhookUrl, env),
  });
}

function listening(webhookUrl: string | null, env: Environment): string {
  if (webhookUrl !== null)
    return 'From now on webhooks tell of every change, and sweeps and the census of what they miss.';
  const schedules = schedulesOf(env);
  const sweeps = ENTITY_NAMES.map((name) => `${name} at "${schedules[sweepSetting(name)]}"`);
  return `From now on sweeps find what changes: ${sweeps.join(', ')} (UTC).`;
}
