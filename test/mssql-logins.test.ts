import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { driverConfig } from '../db/mssql/address.ts';
import { connect } from '../db/mssql/connection.ts';
import { attempt } from '../db/mssql/retry.ts';
import { type MssqlAddress, parseDatabaseAddress } from '../src/database-address.ts';
import { LoginRefused, Transient } from '../src/failures.ts';
import { type RefusingServer, refusingServer } from './refusing-server.ts';

/** Servers that do not let the service in: for now, or for good. */

let server: RefusingServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

function addressOf(port: number): MssqlAddress {
  const parsed = parseDatabaseAddress(`mssql://sa:hush@127.0.0.1:${port}/mirror?encrypt=false`);
  if ('problems' in parsed || parsed.address.kind !== 'mssql') return expect.unreachable();
  return parsed.address;
}

/** What the service is told, and how long it waited in between. */
async function failureAt(port: number) {
  const waits: number[] = [];
  const patience = { nonce: () => 'nonce', wait: async (ms: number) => void waits.push(ms) };
  const error: unknown = await attempt(patience, 'opening', () =>
    connect(driverConfig(addressOf(port)), { nonce: () => 'nonce' }),
  ).then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
  return { error, waits };
}

describe('a login', () => {
  it.each([[40613], [40501], [49918], [42109], [4060, 18456]])(
    'that is refused with error %d will do later: the database is moving, paused or busy',
    async (...numbers) => {
      server = await refusingServer(...numbers);
      const { error, waits } = await failureAt(server.port);
      expect(error).toBeInstanceOf(Transient);
      expect([server.logins(), waits.length]).toEqual([4, 3]);
    },
  );

  it('with a wrong password is tried once, and tells the operator what to do', async () => {
    server = await refusingServer(18456);
    const { error } = await failureAt(server.port);
    expect(error).toBeInstanceOf(LoginRefused);
    expect(error).toMatchObject({ message: expect.stringMatching(/password in DATABASE_URL/) });
    expect(server.logins()).toBe(1);
  });

  it('never repeats what the server said (R12)', async () => {
    for (const number of [18456, 40613]) {
      server = await refusingServer(number);
      const { error } = await failureAt(server.port);
      if (!(error instanceof Error)) return expect.unreachable();
      expect([error.message, String(error.cause), error.stack].join('\n')).not.toContain('ann@');
      expect(String(error.cause)).toContain(String(number));
      await server.close();
    }
    server = null;
  });

  it('where nobody listens is tried again', async () => {
    const { error, waits } = await failureAt(await freePort());
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ message: expect.stringMatching(/the address in DATABASE_URL/) });
    expect(waits).toHaveLength(3);
  });
});

/** One that was just given back. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const address = probe.address();
  if (address === null || typeof address === 'string') return expect.unreachable();
  await new Promise((resolve) => probe.close(resolve));
  return address.port;
}
