import { describe, expect, test } from 'vitest';
import { answerPrivacy } from '../privacy/carry-out.ts';
import { redactShop } from '../simulator/privacy.ts';
import type { Database } from '../src/database.ts';
import { Transient } from '../src/failures.ts';
import { privacyMessage } from '../src/privacy-request.ts';
import { type PrivacyWorld, privacyWorld, WORD } from './privacy-world.ts';
import type { World } from './world.ts';

/**
 * A worker may die, or the database fail, before or after any of the operations that a request takes: afterwards the
 * request is carried out all the same, and its certificate counts every row once.
 */

const MINUTE_MS = 60_000;

class Killed extends Error {}

/** Breaks the n-th operation of the database that a message of the privacy queue needs; counts them from one. */
interface Breaking {
  at: number;
  how: 'before' | 'after';
  as: () => Error;
  counted: number;
  counting: boolean;
}

const broken = (real: Database, breaking: Breaking): Database =>
  new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const strikes = breaking.counting && ++breaking.counted === breaking.at;
        if (strikes && breaking.how === 'before') throw breaking.as();
        const result: unknown = await value.apply(target, args);
        if (strikes && breaking.how === 'after') throw breaking.as();
        return result;
      };
    },
  });

/** Works the privacy queue alone, as a process that may be killed; what it held comes back later. */
async function workPrivacy(world: World, breaking: Breaking): Promise<void> {
  for (const message of world.queues.receive('privacy', 100, MINUTE_MS)) {
    breaking.counting = true;
    try {
      await answerPrivacy(world.service, privacyMessage.parse(JSON.parse(message.text)));
      world.queues.complete(message);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    } finally {
      breaking.counting = false;
    }
  }
}

async function tried(
  failure: Pick<Breaking, 'at' | 'how' | 'as'>,
  ask: (made: PrivacyWorld) => Promise<void>,
): Promise<{ readonly made: PrivacyWorld; readonly struck: boolean }> {
  const breaking: Breaking = { ...failure, counted: 0, counting: false };
  const said: string[] = [];
  const made = await privacyWorld({
    size: { customers: 6, products: 3, orders: 14 },
    break: (real) => broken(real, breaking),
  });
  const { world } = made;
  world.service = { ...world.service, log: (...entry) => said.push(JSON.stringify(entry)) };
  await ask(made);
  await world.courier.pump();
  await workPrivacy(world, breaking);
  const struck = breaking.counted >= breaking.at;
  await world.live(30 * MINUTE_MS, 2 * MINUTE_MS);
  expect(said.join('\n')).not.toContain(WORD);
  expect(said.join('\n')).not.toContain(made.customer);
  return { made, struck };
}

const FAILURES = [
  // Killed before one is killed after the one before it.
  { name: 'killed after', how: 'after', as: () => new Killed() },
  { name: 'the database fails before', how: 'before', as: () => new Transient('the database is away') },
  { name: 'the answer is lost after', how: 'after', as: () => new Transient('the database did not answer') },
] as const;

describe.each(FAILURES)('$name any operation', (failure) => {
  test('of an erasure: it is whole, counted once, and stays', async () => {
    for (let at = 1; ; at++) {
      const { made, struck } = await tried({ ...failure, at }, async ({ redact }) => redact());
      expect([at, made.wordsFound()]).toEqual([at, []]);
      const requests = await made.world.database.privacyRequests(null, 10);
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatchObject({
        state: 'done',
        certificate: { rows: { Customers: 1, Orders: made.orders.length } },
      });
      expect(made.select('SELECT * FROM PrivacyKeys')).toEqual([]);
      await made.world.reconcile('content');
      await made.world.live(MINUTE_MS);
      expect(made.wordsFound()).toEqual([]);
      await made.world.close();
      if (!struck) {
        expect(at).toBeGreaterThan(6);
        return;
      }
    }
  });

  test('of an export: there is one file, and it is noted', async () => {
    for (let at = 1; ; at++) {
      const { made, struck } = await tried({ ...failure, at }, async ({ requestData }) => requestData());
      const exported = made.exported();
      expect([at, exported]).toEqual([at, [expect.stringMatching(/^data-request-\d+\.json$/)]]);
      expect(made.readExport(exported[0]!)).toMatchObject({ customers: [{ Email: `${WORD}@example.com` }] });
      expect(await made.world.database.heldExports()).toMatchObject([{ name: exported[0] }]);
      await made.world.close();
      if (!struck) {
        expect(at).toBeGreaterThan(5);
        return;
      }
    }
  });

  test('of the erasure of a store: nothing of it is left', async () => {
    for (let at = 1; ; at++) {
      const { made, struck } = await tried({ ...failure, at }, async ({ world }) => {
        world.shop.installed = false;
        await world.database.deactivateStore(await world.storeId());
        world.service.directory.forget();
        world.wait(48 * 60 * MINUTE_MS);
        redactShop(world.shop);
      });
      expect([at, made.wordsFound()]).toEqual([at, []]);
      expect(await made.world.database.stores()).toEqual([]);
      const [request] = await made.world.database.privacyRequests(null, 1);
      expect(request).toMatchObject({ state: 'done', certificate: { rows: { Customers: 6, Stores: 1 } } });
      await made.world.close();
      if (!struck) {
        expect(at).toBeGreaterThan(6);
        return;
      }
    }
  });
});
