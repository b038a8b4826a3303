import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { app, output } from '@azure/functions';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type HostOptions, type LocalHost, startHost } from '../local/host/host.ts';
import { readHostJson } from '../local/host/hostJson.ts';
import type { LogEntry } from '../local/host/log.ts';
import { openQueues, type QueuesOptions, type SqliteQueues } from '../local/host/queues.ts';
import { parseSchedule } from '../local/host/schedule.ts';
import { Reject, Transient } from '../src/failures.ts';

const hostJson: HostOptions['hostJson'] = JSON.parse(
  readFileSync(new URL('../host.json', import.meta.url), 'utf8'),
);
const withQueues = (queues: Record<string, unknown>) => ({ version: '2.0', extensions: { queues } });
const connection = 'AzureWebJobsStorage';
const soon = { timeout: 5_000, interval: 2 };

function queuesFor(file = ':memory:', options: QueuesOptions = {}): SqliteQueues {
  const queues = openQueues(file, options);
  onTestFinished(() => queues.close());
  return queues;
}

function queueFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'queues-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'queues.db');
}

/** A clock that only moves when told to. */
function handClock(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  let reads = 0;
  return {
    now: () => {
      reads++;
      return now;
    },
    advance: (ms: number) => {
      now += ms;
    },
    /** Resolves when somebody has looked at the clock a few times more: whatever was due would have begun. */
    seen: async () => {
      const enough = reads + 5;
      await vi.waitUntil(() => reads >= enough, soon);
    },
  };
}

interface TestHost extends LocalHost {
  readonly queues: SqliteQueues;
  readonly entries: LogEntry[];
}

async function host(
  register: (queues: SqliteQueues) => void,
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  const entries: LogEntry[] = [];
  const queues = options.queues ?? queuesFor();
  const started = await startHost({
    hostJson,
    port: 0,
    settings: {},
    functionKey: 'the-key',
    log: (entry) => entries.push(entry),
    ...options,
    queues,
    register: () => register(queues),
  });
  onTestFinished(() => started.stop());
  return Object.assign(started, { queues, entries });
}

const ping = () => app.http('ping', { handler: () => ({ body: 'pong' }) });
const errorsOf = ({ entries }: TestHost) => entries.filter((entry) => entry.level === 'error');

/** A gate that a function under test waits at. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}

describe('HTTP', () => {
  test('a handler gets the exact bytes of the body, so that a signature over them holds', async () => {
    const bytes = Buffer.from([0x00, 0xff, 0x01, 0x7b, 0xc3, 0x28, 0x0d, 0x0a]);
    const sign = (data: Uint8Array) => createHmac('sha256', 'secret').update(data).digest('hex');
    const { url } = await host(() =>
      app.http('hmac', { handler: async (req) => ({ body: sign(new Uint8Array(await req.arrayBuffer())) }) }),
    );
    const answer = await fetch(`${url}/api/hmac`, { method: 'POST', body: bytes });
    expect(await answer.text()).toBe(sign(bytes));
  });

  test('header names are lower-cased, repeated query keys joined, route parameters decoded', async () => {
    const { url } = await host(() =>
      app.http('echo', {
        route: 'items/{id:int}/{name?}',
        handler: (req) => ({
          jsonBody: { headers: [...req.headers.keys()], query: req.query.get('q'), params: req.params },
        }),
      }),
    );
    const answer = await fetch(`${url}/api/Items/7/a%20b?q=1&q=2`, { headers: { 'X-Shopify-Topic': 't' } });
    const seen = await answer.json();
    expect(seen).toMatchObject({ query: '1,2', params: { id: '7', name: 'a b' } });
    expect(seen).toHaveProperty('headers', expect.arrayContaining(['x-shopify-topic']));
  });

  test('a wrong method, a wrong path and a parameter that breaks its constraint are all 404', async () => {
    const { url } = await host(() =>
      app.http('one', { methods: ['POST'], route: 'stores/{id:int}', handler: () => ({}) }),
    );
    const status = async (method: string, path: string) => (await fetch(url + path, { method })).status;
    expect(await status('POST', '/api/stores/1')).toBe(200);
    expect(await status('GET', '/api/stores/1')).toBe(404);
    expect(await status('POST', '/api/stores/one')).toBe(404);
    expect(await status('POST', '/stores/1')).toBe(404);
    expect(await status('POST', '//elsewhere/api/stores/1')).toBe(404);
    expect(await status('POST', '/api/stores/%zz')).toBe(404);
  });

  test('a literal route wins over a parameter, whichever was registered first', async () => {
    const { url } = await host(() => {
      app.http('any', { route: '{*rest}', handler: () => ({ body: 'any' }) });
      app.http('one', { route: 'stores/{id}', handler: () => ({ body: 'one' }) });
      app.http('all', { route: 'stores/all', handler: () => ({ body: 'all' }) });
    });
    const body = async (path: string) => (await fetch(`${url}/api/${path}`)).text();
    expect([await body('stores/all'), await body('stores/9'), await body('x/y/z')]).toEqual([
      'all',
      'one',
      'any',
    ]);
  });

  test('a function that asks for a key answers 401 without it', async () => {
    const { url } = await host(() => app.http('secret', { authLevel: 'function', handler: () => ({}) }));
    const status = async (query: string, headers = {}) =>
      (await fetch(`${url}/api/secret${query}`, { headers })).status;
    expect(await status('')).toBe(401);
    expect(await status('?code=wrong')).toBe(401);
    expect(await status('?code=the-key')).toBe(200);
    expect(await status('', { 'X-Functions-Key': 'the-key' })).toBe(200);
  });

  test('a throw is a 500 with an empty body, and the host goes on', async () => {
    const failing = await host(() => {
      app.http('fails', {
        handler: () => {
          throw new Error('broken inside');
        },
      });
      ping();
    });
    const answer = await fetch(`${failing.url}/api/fails`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(errorsOf(failing)[0]).toMatchObject({
      functionName: 'fails',
      message: expect.stringContaining('broken inside'),
    });
    expect(await (await fetch(`${failing.url}/api/ping`)).text()).toBe('pong');
  });

  test('status, headers and cookies of the answer arrive; nothing returned is 204', async () => {
    const { url } = await host(() => {
      app.http('full', {
        handler: () => ({
          status: 201,
          headers: { 'x-made': 'here' },
          cookies: [{ name: 'a', value: 'b c', path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 5 }],
        }),
      });
      // The types forbid it, plain JavaScript does not.
      app.http('nothing', { handler: () => JSON.parse('null') });
    });
    const full = await fetch(`${url}/api/full`);
    expect([full.status, full.headers.get('x-made')]).toEqual([201, 'here']);
    expect(full.headers.getSetCookie()).toEqual(['a=b%20c; Path=/; Max-Age=5; HttpOnly; SameSite=Lax']);
    expect((await fetch(`${url}/api/nothing`)).status).toBe(204);
  });

  test('a body over the limit is 413, announced or not, and reaches no handler', async () => {
    const handler = vi.fn(() => ({}));
    const { url } = await host(() => app.http('small', { handler }), { maxBodyBytes: 1_000 });
    const post = async (body: Buffer | ReadableStream) =>
      (await fetch(`${url}/api/small`, { method: 'POST', body, duplex: 'half' })).status;
    expect(await post(Buffer.alloc(1_001))).toBe(413);
    expect(await post(new Blob([Buffer.alloc(1_001)]).stream())).toBe(413);
    expect(handler).not.toHaveBeenCalled();
    expect(await post(Buffer.alloc(1_000))).toBe(200);
  });

  test('an announced body over the limit is refused before a byte of it was sent', async () => {
    const { url } = await host(() => app.http('small', { handler: () => ({}) }), { maxBodyBytes: 1_000 });
    const socket = rawPost(url, '/api/small', 1_001);
    onTestFinished(() => void socket.destroy());
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
  });

  test('a body that is cut off before its announced length never reaches a handler', async () => {
    const handler = vi.fn(() => ({}));
    const cut = await host(() => app.http('whole', { handler }));
    const socket = rawPost(cut.url, '/api/whole', 10);
    socket.write('12345');
    await vi.waitUntil(() => !cut.idle(), soon);
    socket.destroy();
    await vi.waitUntil(() => cut.idle(), soon);
    expect(handler).not.toHaveBeenCalled();
  });

  test('the admin address runs a function now, with its input, for whoever has the key', async () => {
    const worked = vi.fn();
    const { url, idle } = await host(() => {
      app.storageQueue('work', { queueName: 'refresh', connection, handler: (message) => worked(message) });
      app.timer('tick', { schedule: '0 0 0 1 1 *', handler: () => worked('tick') });
      ping();
    });
    const run = async (name: string, body?: string, headers = { 'x-functions-key': 'the-key' }) =>
      (await fetch(`${url}/admin/functions/${name}`, { method: 'POST', headers, body: body ?? null })).status;
    expect(await run('work', '{"input":"{\\"a\\":1}"}')).toBe(202);
    expect(await run('tick')).toBe(202);
    expect(await run('ping')).toBe(400);
    expect(await run('absent')).toBe(404);
    expect(await run('tick', '{}', { 'x-functions-key': 'wrong' })).toBe(401);
    await vi.waitUntil(idle, soon);
    expect(worked.mock.calls).toEqual([[{ a: 1 }], ['tick']]);
  });
});

describe('start and stop', () => {
  test('a stop lets a running request finish and refuses new ones', async () => {
    const { passed, open } = gate();
    const stopping = await host(() =>
      app.http('slow', { handler: () => passed.then(() => ({ body: 'done' })) }),
    );
    const answer = fetch(`${stopping.url}/api/slow`);
    await vi.waitUntil(() => !stopping.idle(), soon);
    const stopped = stopping.stop();
    await expect(fetch(`${stopping.url}/api/slow`)).rejects.toThrow();
    open();
    expect(await (await answer).text()).toBe('done');
    await stopped;
  });

  test('a stop does not cut off an answer that is still being sent', async () => {
    const large = 'x'.repeat(8 * 1024 * 1024);
    const stopping = await host(() => app.http('large', { handler: () => ({ body: large }) }));
    const answer = await fetch(`${stopping.url}/api/large`);
    const [text] = await Promise.all([answer.text(), stopping.stop()]);
    expect(text).toHaveLength(large.length);
  });

  test('a stop waits no longer than its bound', async () => {
    const stuck = await host(() => app.http('stuck', { handler: () => gate().passed.then(() => ({})) }), {
      stopTimeoutMs: 1,
    });
    const answer = fetch(`${stuck.url}/api/stuck`);
    const refused = expect(answer).rejects.toThrow();
    await vi.waitUntil(() => !stuck.idle(), soon);
    await stuck.stop();
    await refused;
  });

  test('connections are kept alive, and a stop closes the idle ones at once', async () => {
    const kept = await host(ping);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ports = [await portUsed(kept.url, agent), await portUsed(kept.url, agent)];
    expect(ports[0]).toBe(ports[1]);
    const [socket] = Object.values(agent.freeSockets).flat();
    const closed = new Promise((resolve) => socket?.once('close', resolve));
    await kept.stop();
    await closed;
  });

  test('a port in use is refused with the port and what to do', async () => {
    const { url } = await host(ping);
    const port = Number(new URL(url).port);
    await expect(host(ping, { port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use. Stop the program`,
    );
  });

  test('what could never run is refused at the start, with the name and the remedy', async () => {
    const refused = (register: () => void, options: Partial<HostOptions> = {}) =>
      expect(host(register, options)).rejects;
    const timer = (schedule: string) => () => app.timer('tick', { schedule, handler: () => {} });
    await refused(() => {}).toThrow('No function was registered');
    await refused(timer('%EVERY%')).toThrow('Timer "tick" needs the setting EVERY');
    await refused(timer('*/5 * * * *')).toThrow('Write six fields');
    await refused(timer('0 0 0 L * *')).toThrow('Write six fields');
    await refused(timer('0 0 0 30 2 *')).toThrow('never occurs');
    await refused(() => app.eventGrid('grid', { handler: () => {} })).toThrow('eventGridTrigger');
    await refused(() => app.http('odd', { route: '{id:odd}', handler: () => ({}) })).toThrow('{id:odd}');
    const wrong = {
      version: '2.0',
      functionTimeout: '10 minutes',
      extensions: { queues: { batchSize: 33 } },
    };
    await refused(ping, { hostJson: wrong }).toThrow(
      /functionTimeout.*batchSize|batchSize.*functionTimeout/s,
    );
  });

  test("what host.json does not say is Azure's default", () => {
    expect(readHostJson({ version: '2.0' })).toEqual({
      functionTimeoutMs: 1_800_000,
      routePrefix: 'api',
      queues: { batchSize: 16, newBatchThreshold: 8, maxDequeueCount: 5, visibilityTimeoutMs: 0 },
    });
    expect(readHostJson(hostJson)).toEqual({
      functionTimeoutMs: 600_000,
      routePrefix: 'api',
      queues: { batchSize: 16, newBatchThreshold: 8, maxDequeueCount: 20, visibilityTimeoutMs: 30_000 },
    });
  });

  test('hooks run around an invocation, and one that clears the error makes it a success', async () => {
    const order: string[] = [];
    const hooked = await host(() => {
      app.hook.appStart(() => void order.push('start'));
      app.hook.preInvocation((context) => {
        context.inputs = ['replaced'];
      });
      app.hook.postInvocation((context) => {
        order.push(String(context.error));
        context.error = null;
      });
      app.hook.appTerminate(() => void order.push('terminate'));
      app.storageQueue('work', {
        queueName: 'refresh',
        connection,
        handler: (message) => {
          throw new Error(String(message));
        },
      });
    });
    await hooked.queues.send('refresh', { given: true });
    await vi.waitUntil(hooked.idle, soon);
    await hooked.stop();
    expect(order).toEqual(['start', 'Error: replaced', 'terminate']);
    expect(hooked.queues.length('refresh')).toBe(0);
  });

  test('two hosts live in one process, each with its own functions', async () => {
    const answering = (body: string) => () => app.http('who', { handler: () => ({ body }) });
    const [one, two] = await Promise.all([host(answering('one')), host(answering('two'))]);
    expect(await (await fetch(`${one.url}/api/who`)).text()).toBe('one');
    expect(await (await fetch(`${two.url}/api/who`)).text()).toBe('two');
  });
});

describe('queue functions', () => {
  test('a message sent in this process wakes its function without waiting for a poll', async () => {
    const worked = vi.fn();
    const { queues, idle } = await host(
      () =>
        app.storageQueue('work', { queueName: '%QUEUE%', connection, handler: (message) => worked(message) }),
      { pollMs: 3_600_000, settings: { QUEUE: 'signals' } },
    );
    await queues.send('signals', { id: '12345678901234567890' });
    await vi.waitUntil(idle, soon);
    expect(worked).toHaveBeenCalledWith({ id: '12345678901234567890' });
    expect(queues.length('signals')).toBe(0);
  });

  test('text goes through JSON.parse with a fallback, so a bare id loses digits, as in Azure', async () => {
    const worked = vi.fn();
    const { queues, idle } = await host(() =>
      app.storageQueue('work', { queueName: 'signals', connection, handler: (message) => worked(message) }),
    );
    for (const text of ['123', 'true', '007', '12345678901234567890']) await queues.sendText('signals', text);
    await vi.waitUntil(idle, soon);
    expect(worked.mock.calls.flat()).toEqual([123, true, '007', 12345678901234567000]);
  });

  test('the trigger metadata keeps ids as text', async () => {
    const worked = vi.fn();
    const { queues, idle } = await host(() =>
      app.storageQueue('work', {
        queueName: 'signals',
        connection,
        handler: (_, { triggerMetadata }) => worked(triggerMetadata),
      }),
    );
    await queues.send('signals', {});
    await vi.waitUntil(idle, soon);
    expect(worked).toHaveBeenCalledWith(
      expect.objectContaining({ id: '1', dequeueCount: 1, popReceipt: expect.any(String) }),
    );
  });

  test('a failed message comes back after visibilityTimeout, and after the last try it is poison', async () => {
    const clock = handClock();
    const queues = queuesFor(':memory:', { clock: clock.now });
    const worked = vi.fn(() => {
      throw new Error('always');
    });
    const failing = await host(
      () => app.storageQueue('work', { queueName: 'signals', connection, handler: worked }),
      { queues, pollMs: 2, hostJson: withQueues({ maxDequeueCount: 3, visibilityTimeout: '00:00:30' }) },
    );
    await queues.send('signals', { a: 1 });
    for (const tries of [1, 2, 3]) {
      await vi.waitUntil(failing.idle, soon);
      expect(worked).toHaveBeenCalledTimes(tries);
      clock.advance(29_999);
      expect(failing.idle()).toBe(true);
      clock.advance(1);
    }
    expect([queues.length('signals'), queues.poisonLength('signals')]).toEqual([0, 1]);
    expect(errorsOf(failing).at(-1)?.message).toContain('signals-poison');

    worked.mockImplementation(() => undefined as never);
    expect(queues.redrive('signals', 10)).toBe(1);
    await vi.waitUntil(failing.idle, soon);
    expect([queues.length('signals'), queues.poisonLength('signals')]).toEqual([0, 0]);
  });

  test('a message that killed the process at every try is put away without another', async () => {
    const clock = handClock();
    const queues = queuesFor(':memory:', { clock: clock.now });
    await queues.send('signals', { deadly: true });
    for (let tries = 0; tries < 20; tries++) {
      expect(queues.receive('signals', 1, 60_000)).toHaveLength(1);
      clock.advance(60_000);
    }
    const worked = vi.fn();
    const { idle } = await host(
      () => app.storageQueue('work', { queueName: 'signals', connection, handler: worked }),
      { queues },
    );
    await vi.waitUntil(idle, soon);
    expect(worked).not.toHaveBeenCalled();
    expect(queues.poisonLength('signals')).toBe(1);
  });

  test('batchSize + newBatchThreshold invocations run at once, and no more', async () => {
    const { passed, open } = gate();
    let running = 0;
    let most = 0;
    const { queues, idle } = await host(
      () =>
        app.storageQueue('work', {
          queueName: 'signals',
          connection,
          handler: async () => {
            most = Math.max(most, ++running);
            await passed;
            running--;
          },
        }),
      { hostJson: withQueues({ batchSize: 4, newBatchThreshold: 2 }) },
    );
    for (let sent = 0; sent < 20; sent++) await queues.send('signals', { sent });
    await vi.waitUntil(() => running === 6, soon);
    open();
    await vi.waitUntil(idle, soon);
    expect([most, queues.length('signals')]).toEqual([6, 0]);
  });

  test('the lease of a message in work is renewed for as long as the work takes', async () => {
    const { passed, open } = gate();
    const queues = queuesFor();
    const worked = vi.fn(() => passed);
    const { idle } = await host(
      () => app.storageQueue('work', { queueName: 'signals', connection, handler: worked }),
      { queues, leaseMs: 300, pollMs: 2 },
    );
    await queues.send('signals', {});
    await vi.waitUntil(() => worked.mock.calls.length === 1, soon);
    const leaseEnd = queues.nextVisibleAt('signals') ?? 0;
    await vi.waitUntil(() => Date.now() > leaseEnd + 50, soon);
    expect(worked).toHaveBeenCalledTimes(1);
    open();
    await vi.waitUntil(idle, soon);
    expect(queues.length('signals')).toBe(0);
  });

  test('a message that arrives while the host stops stays in the queue', async () => {
    const worked = vi.fn();
    const stopping = await host(() =>
      app.storageQueue('work', { queueName: 'signals', connection, handler: worked }),
    );
    await stopping.queues.send('signals', {});
    await stopping.stop();
    expect([worked.mock.calls.length, stopping.queues.length('signals')]).toEqual([0, 1]);
  });

  test('a stop waits until the messages in work are settled and takes no other', async () => {
    const { passed, open } = gate();
    const worked = vi.fn(() => passed);
    const stopping = await host(
      () => app.storageQueue('work', { queueName: 'signals', connection, handler: worked }),
      { hostJson: withQueues({ batchSize: 1, newBatchThreshold: 0 }) },
    );
    await Promise.all([stopping.queues.send('signals', {}), stopping.queues.send('signals', {})]);
    await vi.waitUntil(() => worked.mock.calls.length === 1, soon);
    const stopped = stopping.stop();
    open();
    await stopped;
    expect([worked.mock.calls.length, stopping.queues.length('signals')]).toEqual([1, 1]);
  });

  test('an invocation over functionTimeout is a failure', async () => {
    const late = await host(
      () => app.storageQueue('work', { queueName: 'signals', connection, handler: () => gate().passed }),
      { hostJson: { ...withQueues({ maxDequeueCount: 1 }), functionTimeout: '00:00:00.01' } },
    );
    await late.queues.send('signals', {});
    await vi.waitUntil(late.idle, soon);
    expect(late.queues.poisonLength('signals')).toBe(1);
    expect(errorsOf(late)[0]?.message).toContain('functionTimeout');
  });

  test('queue outputs become messages, an array one for each element', async () => {
    const refresh = output.storageQueue({ queueName: 'refresh', connection });
    const { queues, idle } = await host(() =>
      app.storageQueue('work', {
        queueName: 'signals',
        connection,
        extraOutputs: [refresh],
        handler: (_, context) => context.extraOutputs.set(refresh, [{ a: 1 }, 'b']),
      }),
    );
    await queues.send('signals', {});
    await vi.waitUntil(() => idle() && queues.length('signals') === 0, soon);
    expect(queues.receive('refresh', 10, 1_000).map((message) => message.text)).toEqual(['{"a":1}', 'b']);
  });
});

describe('queues in a file', () => {
  test('a sent message is committed when the send resolves', async () => {
    const file = queueFile();
    const [ours, theirs] = [queuesFor(file), queuesFor(file)];
    await Promise.all([ours.send('signals', { a: 1 }), ours.send('sweeps', { a: 2 })]);
    expect([theirs.length('signals'), theirs.length('sweeps')]).toEqual([1, 1]);
  });

  test('two processes on one file never get the same message', async () => {
    const file = queueFile();
    const both = [queuesFor(file), queuesFor(file)];
    await Promise.all(Array.from({ length: 50 }, (_, n) => both[n % 2]?.send('signals', { n })));
    const taken: string[] = [];
    for (let round = 0; round < 10; round++)
      for (const queues of both) taken.push(...queues.receive('signals', 3, 60_000).map(({ id }) => id));
    expect(taken).toHaveLength(50);
    expect(new Set(taken).size).toBe(50);
  });

  test('a message of another process is found by polling', async () => {
    const file = queueFile();
    const worked = vi.fn();
    await host(() => app.storageQueue('work', { queueName: 'signals', connection, handler: worked }), {
      queues: queuesFor(file),
      pollMs: 2,
    });
    await queuesFor(file).send('signals', { from: 'elsewhere' });
    await vi.waitUntil(() => worked.mock.calls.length === 1, soon);
  });

  test('a delayed message is invisible until its time', async () => {
    const clock = handClock();
    const queues = queuesFor(':memory:', { clock: clock.now });
    await queues.send('signals', {}, { delayMs: 29_999.5 });
    expect([queues.length('signals'), queues.busy('signals')]).toEqual([1, false]);
    clock.advance(29_999);
    expect(queues.receive('signals', 1, 1_000)).toEqual([]);
    clock.advance(1);
    expect(queues.receive('signals', 1, 1_000)).toHaveLength(1);
  });

  test('a message whose holder died returns when its lease ends, and the late holder cannot settle it', async () => {
    const clock = handClock();
    const queues = queuesFor(':memory:', { clock: clock.now });
    await queues.send('signals', {});
    const [lost] = queues.receive('signals', 1, 60_000);
    if (!lost) throw new Error('nothing received');
    clock.advance(59_999);
    expect(queues.receive('signals', 1, 60_000)).toEqual([]);
    clock.advance(1);
    expect(queues.receive('signals', 1, 60_000)).toMatchObject([{ id: lost.id, dequeueCount: 2 }]);
    expect([queues.complete(lost), queues.abandon(lost, 0), queues.poison(lost)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(queues.length('signals')).toBe(1);
  });

  test('a message outlives a process that is killed right after the send resolved', () => {
    const file = queueFile();
    const module = new URL('../local/host/queues.ts', import.meta.url).href;
    const program = `
      const { openQueues } = await import(${JSON.stringify(module)});
      await openQueues(${JSON.stringify(file)}).send('signals', { a: 1 });
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { env: {} });
    expect(signal).toBe('SIGKILL');
    expect(queuesFor(file).receive('signals', 1, 1_000)).toMatchObject([{ text: '{"a":1}' }]);
  });

  test('a send that the file does not take rejects with a Transient and leaves nothing', async () => {
    const file = queueFile();
    const queues = queuesFor(file, { busyTimeoutMs: 1 });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const sends = await Promise.allSettled([queues.send('signals', {}), queues.send('refresh', {})]);
    expect(sends.map((send) => send.status === 'rejected' && send.reason)).toEqual([
      expect.any(Transient),
      expect.any(Transient),
    ]);
    other.exec('COMMIT');
    other.close();
    expect(queues.length('signals')).toBe(0);
    await queues.send('signals', {});
    expect(queues.length('signals')).toBe(1);
    queues.close();
    await expect(queues.send('signals', {})).rejects.toThrow(Transient);
  });

  test('sends that share a transaction are all kept or all refused', async () => {
    const file = queueFile();
    const queues = queuesFor(file);
    const other = new DatabaseSync(file);
    other.exec(`CREATE TRIGGER Full BEFORE INSERT ON Messages WHEN NEW.Queue = 'refresh'
      BEGIN SELECT RAISE(ABORT, 'no'); END`);
    const sends = await Promise.allSettled([queues.send('signals', {}), queues.send('refresh', {})]);
    expect(sends.map((send) => send.status)).toEqual(['rejected', 'rejected']);
    other.exec('DROP TRIGGER Full');
    other.close();
    expect(queues.length('signals')).toBe(0);
    await queues.send('signals', {});
    expect(queues.length('signals')).toBe(1);
  });

  test('a message that is too large for Azure is refused here', async () => {
    const queues = queuesFor();
    await expect(queues.send('signals', { text: 'x'.repeat(48 * 1024) })).rejects.toThrow(Reject);
  });

  test('a file that is no queue file is refused with what to do', () => {
    expect(() => openQueues(join(queueFile(), 'absent', 'queues.db'))).toThrow(
      'Check that its folder exists',
    );
  });
});

describe('timers', () => {
  const hour = 3_600_000;

  /** A host with one hourly timer whose calls are recorded; `start` again on the same file is a restart. */
  function hourly(options: { schedule?: string; handler?: () => unknown } = {}) {
    const clock = handClock(Date.UTC(2026, 0, 1, 0, 30));
    const file = queueFile();
    const runs: { at: string; isPastDue: boolean }[] = [];
    const start = (schedule = options.schedule ?? '0 0 * * * *') =>
      host(
        () =>
          app.timer('tick', {
            schedule,
            handler: async (timer) => {
              runs.push({
                at: new Date(clock.now()).toISOString().slice(11, 16),
                isPastDue: timer.isPastDue,
              });
              await options.handler?.();
            },
          }),
        { queues: queuesFor(file, { clock: clock.now }), pollMs: 2, stopTimeoutMs: 50 },
      );
    return { clock, runs, start };
  }

  test('an occurrence runs when its time has come, and once', async () => {
    const { clock, runs, start } = hourly();
    await start();
    clock.advance(hour / 2 - 1);
    await clock.seen();
    expect(runs).toEqual([]);
    clock.advance(1);
    await vi.waitUntil(() => runs.length > 0, soon);
    await clock.seen();
    expect(runs).toEqual([{ at: '01:00', isPastDue: false }]);
  });

  test('occurrences missed while no host ran are made up by one run that says so', async () => {
    const { clock, runs, start } = hourly();
    await (await start()).stop();
    clock.advance(5 * hour);
    const restarted = await start();
    await vi.waitUntil(restarted.idle, soon);
    await clock.seen();
    expect(runs).toEqual([{ at: '05:30', isPastDue: true }]);
    await restarted.stop();
    await vi.waitUntil((await start()).idle, soon);
    expect(runs).toHaveLength(1);
  });

  test('a changed schedule makes up for nothing that the old one missed', async () => {
    const { clock, runs, start } = hourly();
    await (await start()).stop();
    clock.advance(5 * hour);
    await start('0 0 */2 * * *');
    await clock.seen();
    expect(runs).toEqual([]);
  });

  test('what a schedule of seconds missed is lost', async () => {
    const { clock, runs, start } = hourly({ schedule: '*/10 * * * * *' });
    await (await start()).stop();
    clock.advance(5 * hour);
    await start();
    await clock.seen();
    expect(runs).toEqual([]);
  });

  test('a run that outlasts its interval is followed by one more, and the rest is skipped', async () => {
    const { passed, open } = gate();
    const { clock, runs, start } = hourly({ handler: () => passed });
    const { idle } = await start();
    clock.advance(hour / 2);
    await vi.waitUntil(() => runs.length === 1, soon);
    clock.advance(3 * hour);
    await clock.seen();
    expect(runs).toHaveLength(1);
    open();
    await vi.waitUntil(() => runs.length === 2 && idle(), soon);
    await clock.seen();
    expect(runs.map(({ at }) => at)).toEqual(['01:00', '04:00']);
  });

  test('two hosts on one file run an occurrence once', async () => {
    const { clock, runs, start } = hourly();
    await start();
    await start();
    clock.advance(hour / 2);
    await vi.waitUntil(() => runs.length > 0, soon);
    await clock.seen();
    expect(runs).toHaveLength(1);
  });

  test('an occurrence whose host died during the run is run again', async () => {
    const { clock, runs, start } = hourly({ handler: () => gate().passed });
    const dying = await start();
    clock.advance(hour / 2);
    await vi.waitUntil(() => runs.length === 1, soon);
    dying.queues.close();
    clock.advance(60_000);
    await start();
    await vi.waitUntil(() => runs.length === 2, soon);
    expect(runs[1]).toEqual({ at: '01:01', isPastDue: true });
  });

  test('runTimer runs it now, after the run that is under way, and fails as it fails', async () => {
    const { passed, open } = gate();
    const { clock, runs, start } = hourly({
      handler: async () => {
        if (runs.length === 1) await passed;
        if (runs.length === 3) throw new Error('third time');
      },
    });
    const { runTimer } = await start();
    clock.advance(hour / 2);
    await vi.waitUntil(() => runs.length === 1, soon);
    const both = Promise.allSettled([runTimer('tick'), runTimer('tick')]);
    await clock.seen();
    expect(runs).toHaveLength(1);
    open();
    expect(await both).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'third time' } },
    ]);
    await expect(runTimer('tock')).rejects.toThrow('There is no timer "tock". There are: tick.');
  });

  test('a failed run is retried by the policy of its registration', async () => {
    const seen: (number | undefined)[] = [];
    const { runTimer } = await host(() =>
      app.timer('tick', {
        schedule: '0 0 * * * *',
        retry: { strategy: 'fixedDelay', delayInterval: { seconds: 0 }, maxRetryCount: 2 },
        handler: (_, { retryContext }) => {
          seen.push(retryContext?.retryCount);
          throw new Error('again');
        },
      }),
    );
    await expect(runTimer('tick')).rejects.toThrow('again');
    expect(seen).toEqual([undefined, 1, 2]);
  });

  test('a schedule that names both days means both, as in NCRONTAB', () => {
    const friday13th = parseSchedule('0 0 0 13 * FRI', 'tick');
    expect(new Date(friday13th.next(Date.UTC(2026, 3, 1))).toISOString()).toBe('2026-11-13T00:00:00.000Z');
  });
});

/** A request of which only the head is sent. */
function rawPost(url: string, path: string, contentLength: number): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nhost: local\r\ncontent-length: ${contentLength}\r\n\r\n`);
  return socket;
}

async function portUsed(url: string, agent: Agent): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    httpRequest(`${url}/api/ping`, { agent }, (answer) => {
      const port = answer.socket.localPort;
      answer.resume().on('end', () => setImmediate(() => resolve(port)));
    })
      .on('error', reject)
      .end();
  });
}
