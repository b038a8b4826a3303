import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../app/telemetry/observe.ts';
import { readConfig } from '../src/config.ts';
import { openIngestion } from './ingestion.ts';

/** Where Application Insights takes no keys, the app publishes as itself: its managed identity vouches for it. */

/** The identity endpoint that Azure Functions gives to an app. */
async function openIdentity() {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://127.0.0.1').searchParams);
    response.setHeader('content-type', 'application/json');
    const expires_on = Math.floor(Date.now() / 1_000) + 3_600;
    response.end(
      JSON.stringify({ access_token: 'of the identity', expires_on, resource: 'r', token_type: 'Bearer' }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}/msi/token` };
}

test('a token of the identity goes with what is sent', async () => {
  const [ingestion, identity] = [await openIngestion(), await openIdentity()];
  vi.stubEnv('IDENTITY_ENDPOINT', identity.url);
  vi.stubEnv('IDENTITY_HEADER', 'given by the platform');
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await ingestion.stop();
  });
  const { telemetry: config } = readConfig({
    APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING:
      'Authorization=AAD;ClientId=11111111-2222-4333-8444-555555555555',
  });
  const observed = observe({
    config,
    language: 'ja',
    clock: Date.now,
    monotonic: () => performance.now(),
    console: () => {},
    both: false,
  });
  observed.telemetry.measure('ShopifyApi.RateLimitRemaining', 1_000, { StoreId: 1 });
  await observed.telemetry.flush();
  await observed.stop();
  expect(JSON.stringify(ingestion.envelopes)).toContain('ShopifyApi.RateLimitRemaining');
  expect([...ingestion.authorizations]).toEqual(['Bearer of the identity']);
  expect(identity.asked[0]?.get('client_id')).toBe('11111111-2222-4333-8444-555555555555');
  expect(identity.asked[0]?.get('resource')).toContain('monitor.azure.com');
});
