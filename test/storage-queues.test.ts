import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { storageAddress } from '../app/storage-address.ts';
import { openStorageQueues } from '../app/storage-queues.ts';
import { Reject, Transient } from '../src/failures.ts';
import type { Log } from '../src/log.ts';
import { redrivePoison } from '../src/poison.ts';
import { type QueueService, queueService } from './queue-service.ts';
import { selfSigned } from './self-signed.ts';

/** The queues of Azure Storage, over the wire. */

/** Tokens are sent by https alone. */
const certificate = selfSigned(Date.now());

const open = ({ connectionString }: QueueService) =>
  openStorageQueues(storageAddress({ AzureWebJobsStorage: connectionString }));

/** What poisoning leaves behind: the host makes the queue with its first message. */
function poison(service: QueueService, queue: string, text: string): void {
  const messages = service.queues.get(`${queue}-poison`) ?? [];
  service.queues.set(`${queue}-poison`, messages);
  messages.push({
    id: String(messages.length),
    text: Buffer.from(text).toString('base64'),
    popReceipt: 'none yet',
    visibleAt: 0,
    ttlSeconds: -1,
    dequeueCount: 0,
  });
}

test('a message is base64, waits as long as it was told to, and never expires', async () => {
  const service = await queueService();
  const queues = open(service);
  await queues.send('signals', { id: '123', name: '顧客 🛒' });
  await queues.send('signals', { later: true }, { delayMs: 90_500 });
  expect(service.texts('signals')).toEqual(['{"id":"123","name":"顧客 🛒"}', '{"later":true}']);
  expect(service.queues.get('signals')).toMatchObject([
    { visibleAt: 0, ttlSeconds: -1 },
    { visibleAt: 91_000, ttlSeconds: -1 },
  ]);
});

test('a queue is made once, by whoever sends to it first', async () => {
  const service = await queueService();
  const queues = open(service);
  await Promise.all([queues.send('refresh', { n: 1 }), queues.send('refresh', { n: 2 })]);
  await queues.send('refresh', { n: 3 });
  expect(service.requests.filter((request) => request.startsWith('PUT'))).toEqual(['PUT /refresh']);
  expect(service.texts('refresh')).toHaveLength(3);
});

test('a moment of trouble is bridged; what lasts is a Transient that names the queue, and not for ever', async () => {
  const service = await queueService();
  const queues = open(service);
  service.failures.push(503, 500);
  await queues.send('sweeps', { n: 1 });
  service.failures.push(503, 503, 503);
  const failing = queues.send('sweeps', { n: 2 });
  await expect(failing).rejects.toThrow('the storage queue "sweeps" cannot be used now (503)');
  await expect(failing).rejects.toBeInstanceOf(Transient);
  await queues.send('sweeps', { n: 3 });
  expect(service.texts('sweeps')).toEqual(['{"n":1}', '{"n":3}']);
});

test('what was poisoned is sent again with growing delay, and says so', async () => {
  const service = await queueService();
  const queues = open(service);
  const said: unknown[] = [];
  const log: Log = (...entry) => said.push(entry);
  poison(service, 'signals', '{"storeId":1}');
  poison(service, 'signals', '{"storeId":2,"redriven":3}');
  await redrivePoison({ queues, log });
  expect(service.queues.get('signals-poison')).toEqual([]);
  expect(service.texts('signals')).toEqual(['{"storeId":1,"redriven":1}', '{"storeId":2,"redriven":4}']);
  const delays = service.queues.get('signals')!.map(({ visibleAt }) => visibleAt / 60_000);
  expect(delays).toEqual([1, 64]);
  expect(said).toEqual([['poisonTriedAgain', { Queue: 'signals', Messages: 2, Times: 4 }]]);
});

test('a message is tried again for ever, in the end once a day', async () => {
  const service = await queueService();
  poison(service, 'sweeps', '{"redriven":4000000}');
  await redrivePoison({ queues: open(service), log: () => {} });
  expect(service.queues.get('sweeps')).toMatchObject([{ visibleAt: 24 * 3_600_000 }]);
});

test('a poisoned message that could not be sent again stays', async () => {
  const service = await queueService();
  const queues = open(service);
  poison(service, 'refresh', '{"storeId":1,"entity":"orders"}');
  await queues.send('refresh', {});
  // Of all requests only those that send fail: the first look finds no poison of signals.
  const redriven = redrivePoison({
    queues: { ...queues, send: () => Promise.reject(new Transient('away')) },
    log: () => {},
  });
  await expect(redriven).rejects.toThrow('away');
  expect(service.texts('refresh-poison')).toHaveLength(1);
  service.now += 61_000;
  await redrivePoison({ queues, log: () => {} });
  expect(service.texts('refresh')).toEqual(['{}', '{"storeId":1,"entity":"orders","redriven":1}']);
});

test.each(['no JSON', '[1]', '"text"', '12345678901234567890'])(
  'a poisoned message that is none of ours (%s) stays, and is looked at once a day',
  async (text) => {
    const service = await queueService();
    const queues = open(service);
    poison(service, 'refresh', text);
    const said: unknown[] = [];
    for (let n = 0; n < 3; n++) {
      await redrivePoison({ queues, log: (name) => said.push(name) });
      service.now += 3_600_000;
    }
    expect(said).toEqual(['poisonUnreadable']);
    expect(service.texts('refresh-poison')).toEqual([text]);
    expect(service.queues.get('refresh')).toBeUndefined();
  },
);

test('the address is that of the Functions host: a connection string, or an account with an identity', () => {
  const name = 'AzureWebJobsStorage';
  expect(storageAddress({ [name]: 'UseDevelopmentStorage=true' })).toMatchObject({
    kind: 'connection string',
  });
  expect(storageAddress({ [`${name}__accountName`]: 'shop' })).toEqual({
    kind: 'identity',
    url: 'https://shop.queue.core.windows.net',
    identity: { isManaged: false, clientId: null },
  });
  const uri = 'https://shop.queue.core.chinacloudapi.cn';
  expect(
    storageAddress({
      [`${name}__queueServiceUri`]: uri,
      [`${name}__accountName`]: 'x',
      [`${name}__clientId`]: 'id',
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token',
    }),
  ).toEqual({ kind: 'identity', url: uri, identity: { isManaged: true, clientId: 'id' } });
  expect(() => storageAddress({})).toThrow(Reject);
});

test('with an identity, the token of the platform opens the account', async () => {
  const asked: string[] = [];
  const platform = createHttpServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://x').searchParams.get('resource') ?? '');
    const expires = Math.floor(Date.now() / 1_000) + 3_600;
    response.end(
      JSON.stringify({
        access_token: 'of-the-platform',
        expires_on: String(expires),
        token_type: 'Bearer',
      }),
    );
  });
  await new Promise<void>((listening) => platform.listen(0, '127.0.0.1', listening));
  const { port } = platform.address() as AddressInfo;
  vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${port}/msi/token`);
  vi.stubEnv('IDENTITY_HEADER', 'whatever');
  // Left behind by something else: the SDK's chain of everything would try it first.
  const stray = '11111111-2222-4333-8444-555555555555';
  for (const name of ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']) vi.stubEnv(name, stray);
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, certificate.cert]);
  onTestFinished(() => {
    setDefaultCACertificates(trusted);
    vi.unstubAllEnvs();
    platform.close();
  });
  const service = await queueService(
    (listener) => createHttpsServer(certificate, listener),
    ({ headers }) => headers.authorization === 'Bearer of-the-platform',
  );
  const url = service.url.replace('http:', 'https:');
  const queues = openStorageQueues(
    storageAddress({
      AzureWebJobsStorage__queueServiceUri: url,
      IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`,
    }),
  );
  await queues.send('signals', { n: 1 });
  expect(service.texts('signals')).toEqual(['{"n":1}']);
  expect(asked).toEqual(['https://storage.azure.com']);
});

test('a broken connection string is said to be one, and is not repeated', async () => {
  const queues = openStorageQueues(storageAddress({ AzureWebJobsStorage: 'AccountKey=hush;nonsense' }));
  const sending = queues.send('signals', {});
  await expect(sending).rejects.toBeInstanceOf(Reject);
  await expect(sending).rejects.toThrow(/copy it anew$/);
  const failure = await sending.catch((error: unknown) => error);
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('hush');
});
