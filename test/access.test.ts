import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { accessOf } from '../app/access.ts';
import { registerAll } from '../app/register.ts';
import { type LocalHost, startHost } from '../local/host/host.ts';
import { openQueues } from '../local/host/queues.ts';
import type { Access } from '../src/access.ts';
import { readConfig } from '../src/config.ts';
import { boundedBody } from '../src/door.ts';
import type { Service } from '../src/service.ts';
import { requestOf } from './webhook-requests.ts';
import { World } from './world.ts';

/** Who may come in, and what everybody is answered with. */

const refusalOf = (access: Access, headers: Readonly<Record<string, string>>) =>
  access.refusal(new Headers(headers));

describe('operators by address', () => {
  const access = accessOf({
    OPERATOR_IP_RANGES: '203.0.113.0/24, 2001:db8:aa::/48,198.51.100.7 ,2001:db8::1',
  });
  const from = (forwardedFor: string) => refusalOf(access, { 'x-forwarded-for': forwardedFor });

  test.each([
    '203.0.113.9',
    '203.0.113.9:51234',
    '198.51.100.7:1',
    '[2001:db8:aa:1::5]:51234',
    '2001:db8:aa:1::5',
    '[2001:db8::1]:443',
    '[::ffff:203.0.113.9]:443',
    '1.2.3.4, 203.0.113.9:51234',
    'nonsense,  203.0.113.9:51234 ',
  ])('%s may come in', (forwardedFor) => {
    expect(from(forwardedFor)).toBeNull();
  });

  test.each([
    '203.0.114.9:51234',
    '198.51.100.8',
    '[2001:db8:ab::5]:51234',
    '[2001:db8::2]:443',
    // What a caller claims of himself stands before what the front end says of him.
    '203.0.113.9, 1.2.3.4:567',
    '203.0.113.9,',
    '203.0.113.9:51234 1.2.3.4',
    '203.0.113.999',
    '[203.0.113.9',
    'localhost',
    '',
  ])('%s may not', (forwardedFor) => {
    expect(from(forwardedFor)).toEqual({
      status: 403,
      reason: expect.stringContaining('OPERATOR_IP_RANGES'),
    });
  });

  test('nobody comes in whose address is not told', () => {
    expect(refusalOf(access, {})).toMatchObject({ status: 403 });
  });

  test('without ranges everybody may, and has the key to show', () => {
    expect(refusalOf(accessOf({}), {})).toBeNull();
    expect(accessOf({}).authLevel).toBe('function');
  });
});

describe('settings that make no sense', () => {
  test.each([
    { OPERATOR_IP_RANGES: '203.0.113.0/33' },
    { OPERATOR_IP_RANGES: '203.0.113/24' },
    { OPERATOR_IP_RANGES: '2001:db8::/129' },
    { OPERATOR_IP_RANGES: 'example.com' },
    { OPERATOR_IP_RANGES: ' , ' },
    { OPERATOR_AUTH: 'none' },
  ])('%o are reported, and let nobody in', (settings) => {
    expect(() => readConfig(settings)).toThrow(Object.keys(settings)[0]);
    expect(refusalOf(accessOf(settings), { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({
      status: 403,
    });
  });
});

describe('operators who sign in', () => {
  const settings = { OPERATOR_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'True' };
  const access = accessOf(settings);
  const principal = (...claims: readonly { readonly typ: string; readonly val: string }[]) =>
    Buffer.from(JSON.stringify({ auth_typ: 'aad', role_typ: 'urn:role', claims })).toString('base64');
  const signedIn = (value: string, idp = 'aad') => ({
    'x-ms-client-principal': value,
    'x-ms-client-principal-idp': idp,
  });

  test('come in with the app role, under whichever name the claim has', () => {
    expect(access.authLevel).toBe('anonymous');
    for (const typ of ['roles', 'urn:role'])
      expect(refusalOf(access, signedIn(principal({ typ, val: 'Driftless.Operator' })))).toBeNull();
  });

  test('need the role that is configured', () => {
    const other = accessOf({ ...settings, OPERATOR_ROLE: 'Ops' });
    expect(refusalOf(other, signedIn(principal({ typ: 'roles', val: 'Ops' })))).toBeNull();
    expect(refusalOf(other, signedIn(principal({ typ: 'roles', val: 'Driftless.Operator' })))).toEqual({
      status: 403,
      reason: 'your account lacks the app role Ops: an administrator assigns it',
    });
  });

  test.each([
    ['nobody signed in', {}, 401],
    ['another provider', signedIn(principal({ typ: 'roles', val: 'Driftless.Operator' }), 'github'), 401],
    ['no role', signedIn(principal()), 403],
    ['another claim of that value', signedIn(principal({ typ: 'name', val: 'Driftless.Operator' })), 403],
    ['no base64', signedIn('%%%'), 403],
    ['no object', signedIn(Buffer.from('null').toString('base64')), 403],
    ['no list of claims', signedIn(Buffer.from('{"claims":{"typ":"roles"}}').toString('base64')), 403],
    ['claims that are none', signedIn(Buffer.from('{"claims":[null]}').toString('base64')), 403],
  ])('%s: refused', (_, headers, status) => {
    expect(refusalOf(access, headers)).toMatchObject({ status });
  });

  test('are believed only where the platform vouches for the headers', () => {
    const forged = signedIn(principal({ typ: 'roles', val: 'Driftless.Operator' }));
    for (const env of [{}, { WEBSITE_AUTH_ENABLED: 'False' }])
      expect(refusalOf(accessOf({ OPERATOR_AUTH: 'entra', ...env }), forged)).toMatchObject({
        status: 403,
        reason: expect.stringContaining('switch it on'),
      });
  });
});

describe('over HTTP', () => {
  let world: World;

  async function start(
    env: Readonly<Record<string, string>>,
    service?: () => Promise<Service>,
  ): Promise<LocalHost> {
    const mine = await World.create();
    world = mine;
    onTestFinished(() => mine.close());
    await mine.mirrored();
    const queues = openQueues(':memory:');
    const host = await startHost({
      register: () => registerAll(service ?? (async () => mine.service), env),
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
    });
    return host;
  }

  const reconcile = (
    host: LocalHost,
    headers: Readonly<Record<string, string>> = {},
    body: string | null = null,
  ) =>
    fetch(`${host.url}/api/reconcile`, {
      method: 'POST',
      headers: { 'x-functions-key': host.functionKey, ...headers },
      body: body ?? JSON.stringify({ store: 'demo.myshopify.com', entity: 'orders' }),
    });

  test('an address limits operators, whatever they claim, and never Shopify', async () => {
    const host = await start({ OPERATOR_IP_RANGES: '203.0.113.0/24' });
    const refused = await reconcile(host, { 'x-forwarded-for': '203.0.113.9' });
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: 'this address is not among OPERATOR_IP_RANGES' },
    ]);
    const { headers, body } = requestOf(world);
    const delivery = await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', headers, body });
    expect(delivery.status).toBe(200);
    const near = await start({ OPERATOR_IP_RANGES: '127.0.0.0/8' });
    expect((await reconcile(near)).status).toBe(202);
    expect((await reconcile(near, { 'x-functions-key': 'wrong' })).status).toBe(401);
  });

  test('every answer carries the headers of host.json, also of what nobody answers for', async () => {
    const host = await start({});
    const answers = [
      await reconcile(host),
      await reconcile(host, { 'x-functions-key': 'wrong' }),
      await reconcile(host, {}, '{'),
      await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', body: '{}' }),
      await fetch(`${host.url}/nothing/here`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 401, 400, 401, 404]);
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('a bug is answered 500 without a word of it, and a long body 413 without being read as JSON', async () => {
    const bug = vi.fn(async () => {
      throw new Error('the secret is hush');
    });
    const host = await start({}, bug);
    for (const answer of [
      await reconcile(host),
      await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', body: '{}' }),
    ])
      expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(bug).toHaveBeenCalled();
    // Before the service is asked for, which would fail.
    const long = JSON.stringify({ store: 'x'.repeat(20_000) });
    expect((await reconcile(host, {}, long)).status).toBe(413);
    const unannounced = await fetch(`${host.url}/api/reconcile`, {
      method: 'POST',
      headers: { 'x-functions-key': host.functionKey },
      body: new Blob([long]).stream(),
      duplex: 'half',
    });
    expect(unannounced.status).toBe(413);
  });
});

test('what says that it is too long is not even read', async () => {
  const asked = (length: string | null) => ({
    headers: new Headers(length === null ? {} : { 'content-length': length }),
    arrayBuffer: vi.fn(async () => new ArrayBuffer(10)),
  });
  const [long, fitting, unannounced] = [asked('11'), asked('10'), asked(null)];
  expect(await boundedBody(long, 10)).toBeNull();
  expect(long.arrayBuffer).not.toHaveBeenCalled();
  for (const request of [fitting, unannounced]) expect(await boundedBody(request, 10)).toHaveLength(10);
  expect(await boundedBody(unannounced, 9)).toBeNull();
});
