import { createHmac } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { collect } from '../../local/host/core.ts';
import { runInvocation } from '../../local/host/invocation.ts';

/**
 * A delivery at a packaged app, and the signal that it becomes, in a process that has nothing else in it; the change
 * events of a store; then one more signal right before the process ends. Prints the status of the answer.
 */
const [entry = '', domain = '', secret = ''] = process.argv.slice(2);
const app = await collect(
  () => import(pathToFileURL(entry).href),
  () => {},
);

async function invoke(name: string, data: object) {
  const fn = app.functions.get(name)!;
  return await runInvocation(app, fn, {
    invocationId: 'one',
    functionId: name,
    inputData: [{ name: fn.trigger.bindingName, data }],
    triggerMetadata: {},
    traceContext: { traceParent: '', traceState: '' },
  });
}

const bytes = Buffer.from('{"id":42,"admin_graphql_api_id":"gid://shopify/Customer/42"}');
const headers = {
  'x-shopify-topic': 'customers/update',
  'x-shopify-shop-domain': domain,
  'x-shopify-hmac-sha256': createHmac('sha256', secret).update(bytes).digest('base64'),
};
const nullableHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }]));
const url = 'https://driftless.test/api/webhooks/shopify';
const answer = await invoke('ShopifyWebhook', {
  http: { method: 'POST', url, nullableHeaders, body: { bytes } },
});
const key = { entity: 'customers', id: '42', announces: 'presence', expectedUpdatedAt: null, through: null };
const signal = {
  storeId: 1,
  topic: 'CUSTOMERS_UPDATE',
  webhookId: '',
  triggeredAt: null,
  receivedAt: 0,
  keys: [key],
};
await invoke('SignalWorker', { string: JSON.stringify(signal) });
await invoke('ErrandWorker', { string: JSON.stringify({ errand: 'announce', storeId: 1 }) });
// Waits for the exporter, which was being loaded meanwhile: spans are told from then on.
await app.runAppHooks('appTerminate');
await invoke('SignalWorker', { string: JSON.stringify({ ...signal, keys: [] }) });
await app.runAppHooks('appTerminate');
process.stdout.write(String(answer.returnValue?.http?.statusCode));
// As the worker does: whatever still waits for its time is lost.
process.exit();
