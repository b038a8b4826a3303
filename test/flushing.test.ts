import { readFileSync } from 'node:fs';
import { app } from '@azure/functions';
import { expect, onTestFinished, test } from 'vitest';
import { registerFlushing } from '../app/telemetry/functions.ts';
import { startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import type { Service } from '../src/service.ts';
import { type Telemetry, untold } from '../src/telemetry.ts';
import { World } from './world.ts';

/** After an invocation what it measured is handed over, and nobody who called waits for that. */

/** What has not come by then does not come. */
const WAIT_MS = 5_000;

async function hosted(flush: Telemetry['flush']) {
  const world = await World.create();
  const queues = openQueues(':memory:');
  const service: Service = { ...world.service, telemetry: { ...untold, flush } };
  const host = await startHost({
    register: () => {
      app.http('Knock', { route: 'knock', authLevel: 'anonymous', handler: async () => ({ status: 204 }) });
      app.storageQueue('Work', { queueName: 'work', connection: 'c', handler: async () => {} });
      registerFlushing(async () => service);
    },
    hostJson: JSON.parse(readFileSync(new URL('../host.json', import.meta.url), 'utf8')),
    queues,
    port: 0,
    settings: {},
    timers: false,
    log: () => {},
  });
  onTestFinished(async () => {
    await host.stop();
    queues.close();
    await world.close();
  });
  return { host, queues };
}

test('an HTTP answer does not wait for it', async () => {
  let flushes = 0;
  const gate = Promise.withResolvers<void>();
  const { host } = await hosted(() => {
    flushes++;
    return gate.promise;
  });
  const waited = AbortSignal.timeout(WAIT_MS);
  const status = await fetch(`${host.url}/api/knock`, { signal: waited }).then(
    (reply) => reply.status,
    () => 'it waited',
  );
  gate.resolve();
  expect([status, flushes]).toEqual([204, 1]);
});

test('an instance is busy until a message is told of', async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<'asked' | 'nobody asked'>();
  const { host, queues } = await hosted(() => {
    asked.resolve('asked');
    return gate.promise;
  });
  await queues.sendText('work', '{}');
  const waited = AbortSignal.timeout(WAIT_MS);
  waited.addEventListener('abort', () => asked.resolve('nobody asked'));
  expect(await asked.promise).toBe('asked');
  for (let turns = 0; turns < 50; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.idle()).toBe(false);
  }
  gate.resolve();
  while (!host.idle()) await new Promise((resolve) => setImmediate(resolve));
});

test('what is left is handed over when the process ends', async () => {
  const asked: unknown[] = [];
  const { host } = await hosted(async (when) => {
    asked.push(when);
  });
  await fetch(`${host.url}/api/knock`);
  await host.stop();
  expect(asked).toEqual([undefined, 'now']);
});

test('a flush that fails fails no invocation', async () => {
  const { host } = await hosted(() => Promise.reject(new Error('of the exporter')));
  expect((await fetch(`${host.url}/api/knock`)).status).toBe(204);
});
