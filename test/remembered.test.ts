import { beforeEach, describe, expect, test } from 'vitest';
import { NeedsAttention, Transient, VaultClosed } from '../src/failures.ts';
import { createRemembered, type Remembered } from '../src/remembered.ts';

/** What is read from a vault is read seldom, by one for all, and is still there when the vault is not. */
const MINUTE = 60_000;
let now: number;
let reads: number;
let answer: () => Promise<string>;
let kept: string[];
let remembered: Remembered<string>;

beforeEach(() => {
  now = 0;
  reads = 0;
  kept = [];
  answer = async () => `value ${reads}`;
  remembered = createRemembered({
    monotonic: () => now,
    read: async () => {
      reads++;
      return await answer();
    },
    onKept: (name, { message }) => kept.push(`${name}: ${message}`),
  });
});
const failing = (error: Error) => async () => {
  throw error;
};

describe('get', () => {
  test('reads once in ten minutes', async () => {
    expect(await remembered.get('one')).toBe('value 1');
    now += 10 * MINUTE - 1;
    expect(await remembered.get('one')).toBe('value 1');
    now += 1;
    expect(await remembered.get('one')).toBe('value 2');
    expect(reads).toBe(2);
  });

  test('reads each name by itself', async () => {
    await remembered.get('one');
    await remembered.get('two');
    expect(reads).toBe(2);
  });

  test('reads once for all who ask meanwhile', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => remembered.get('one')));
    expect(new Set(all)).toEqual(new Set(['value 1']));
    expect(reads).toBe(1);
  });

  test.each([
    ['away', new Transient('away')],
    ['shut', new VaultClosed('shut')],
  ])('while the vault is %s the last known value stays in force, and that is said', async (why, error) => {
    await remembered.get('one');
    answer = failing(error);
    now += 11 * MINUTE;
    await expect(remembered.get('one')).resolves.toBe('value 1');
    expect(kept).toEqual([`one: ${why}`]);
    for (let n = 0; n < 100; n++) await remembered.get('one');
    expect(reads).toBe(2);
    now += MINUTE;
    answer = async () => 'back';
    expect(await remembered.get('one')).toBe('back');
  });

  test('a value that is gone or broken is no longer in force', async () => {
    await remembered.get('one');
    answer = failing(new NeedsAttention('disabled'));
    now += 11 * MINUTE;
    await expect(remembered.get('one')).rejects.toThrow('disabled');
  });

  test('a failure is remembered for ten seconds, so that nobody can make us ask all the time', async () => {
    answer = failing(new NeedsAttention('broken'));
    for (let n = 0; n < 100; n++) await expect(remembered.get('one')).rejects.toThrow('broken');
    expect(reads).toBe(1);
    now += 10_000;
    answer = async () => 'mended';
    expect(await remembered.get('one')).toBe('mended');
  });
});

describe('again', () => {
  test('reads at once, right after it was read', async () => {
    await remembered.get('one');
    expect(await remembered.again('one')).toBe('value 2');
    expect(await remembered.get('one')).toBe('value 2');
  });

  test('reads at most once a minute and name, whatever is asked', async () => {
    await remembered.get('one');
    for (let second = 0; second < 180; second++) {
      await Promise.all(Array.from({ length: 10 }, () => remembered.again('one')));
      now += 1_000;
    }
    expect(reads).toBe(1 + 3);
    await remembered.again('two');
    expect(reads).toBe(5);
  });

  test('waits for the reading that is under way', async () => {
    await remembered.get('one');
    const gate = Promise.withResolvers<string>();
    answer = () => gate.promise;
    const first = remembered.again('one');
    const second = remembered.again('one');
    gate.resolve('rotated');
    expect(await Promise.all([first, second])).toEqual(['rotated', 'rotated']);
    expect(reads).toBe(2);
  });

  test('answers the very value that is known when it may not read', async () => {
    const value = await remembered.again('one');
    expect(await remembered.again('one')).toBe(value);
    expect(reads).toBe(1);
  });
});
