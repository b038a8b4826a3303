import sql from 'mssql';
import { describe, expect, it } from 'vitest';
import { attempt } from '../db/mssql/retry.ts';
import { Fenced, Reject, Transient } from '../src/failures.ts';

/** What errors of the driver and the server become, and which of them are tried again. */

/** As the driver builds it from what the server says. */
const serverError = (number: number, message = 'Duplicate key (ann@example.com).') =>
  new sql.RequestError(Object.assign(new Error(message), { info: { number, state: 1, lineNumber: 7 } }));

/** Fails with these errors in turn, then succeeds. */
function failing(...errors: readonly unknown[]) {
  const waits: number[] = [];
  let tries = 0;
  const patience = { nonce: () => `nonce-${tries}`, wait: async (ms: number) => void waits.push(ms) };
  const result = attempt(patience, 'mark', async () => {
    const error = errors[tries];
    tries += 1;
    if (error !== undefined) throw error;
    return 'done';
  });
  return { result, waits, tries: () => tries };
}
const failureOf = async (...errors: readonly unknown[]): Promise<Error> =>
  await failing(...errors).result.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

describe('a statement of SQL Server', () => {
  it.each([1205, 1222, 2601, 2627, 50011, 40197, 40501, 40613, 49918])(
    'is tried again when the server undid it with error %d',
    async (number) => {
      const { result, waits } = failing(serverError(number), serverError(number));
      expect(await result).toBe('done');
      expect(waits).toHaveLength(2);
      expect(waits[1]).toBeGreaterThan(waits[0]! * 0.6);
    },
  );

  it('is tried four times, and then by whoever called', async () => {
    const { result, tries } = failing(...Array<unknown>(9).fill(serverError(1205)));
    await expect(result).rejects.toThrow(Transient);
    expect(tries()).toBe(4);
  });

  it('is not tried again when nobody knows whether it took effect', async () => {
    for (const code of ['ETIMEOUT', 'ESOCKET', 'ECLOSE']) {
      const { result, tries } = failing(new sql.RequestError(Object.assign(new Error('broken'), { code })));
      await expect(result).rejects.toThrow(Transient);
      expect(tries()).toBe(1);
    }
  });

  it('is tried again when there was no connection to send it over, but not with a refused login', async () => {
    const noConnection = new sql.ConnectionError('no route', 'ESOCKET');
    expect(await failing(noConnection).result).toBe('done');
    const refused = await failureOf(new sql.ConnectionError('Login failed for user ann.', 'ELOGIN'));
    expect(refused).toBeInstanceOf(Reject);
    expect(refused.message).toMatch(/DATABASE_URL/);
  });

  it('that lost its lease wrote nothing, and says so', async () => {
    expect(await failureOf(serverError(50010))).toBeInstanceOf(Fenced);
  });

  it('that needs a newer schema, or rights, tells the operator what to do', async () => {
    expect((await failureOf(serverError(208))).message).toMatch(/npm run db:migrate/);
    expect((await failureOf(serverError(229))).message).toMatch(/docs\/users\.sql/);
  });

  it('surfaces with its name and the number in every other case', async () => {
    expect((await failureOf(serverError(547))).message).toMatch(/mark.*547/);
  });

  it('never repeats what the server said, which contains data (R12)', async () => {
    for (const number of [208, 229, 547, 1105, 2627, 2628, 50010]) {
      const error = await failureOf(...Array<unknown>(9).fill(serverError(number)));
      const all = [error.message, String(error.cause), error.stack].join('\n');
      expect(all).not.toContain('ann@example.com');
    }
  });

  it('that fails in our own code is passed on as it is', async () => {
    const bug = new RangeError('Invalid time value');
    expect(await failureOf(bug)).toBe(bug);
  });
});
