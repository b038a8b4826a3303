import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText, tenThousandths } from '../src/decimal.ts';
import { compareIds, gid, idOfGid, isId } from '../src/ids.ts';

/** R13: money and ids never pass through a binary float or a JS number. */
describe('ids', () => {
  const ids = [
    '999',
    '1000',
    '8901234567',
    '10123456789',
    '7200000000100',
    '788032119674292922',
    '9007199254740993100',
  ];

  test('of any length are in the order of Shopify, which is that of numbers', () => {
    expect([...ids].reverse().sort(compareIds)).toEqual(ids);
  });

  test('compare as the integers they are', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 19n }),
        fc.bigInt({ min: 1n, max: 10n ** 19n }),
        (a, b) => {
          expect(Math.sign(compareIds(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
        },
      ),
    );
  });

  test('survive the way into a GID and back', () => {
    for (const id of ids) expect(idOfGid(gid('Customer', id), 'Customer')).toBe(id);
    expect(idOfGid('gid://shopify/Order/7', 'Customer')).toBeNull();
    expect(['0', '01', '-1', '1.0', '1e3', '', 'x'].filter(isId)).toEqual([]);
  });
});

describe('amounts', () => {
  test.each([
    ['400.0', '400.0000'],
    ['12000', '12000.0000'],
    ['-0.05', '-0.0500'],
    ['0.00000', '0.0000'],
    ['123456789012345.6789', '123456789012345.6789'],
    ['922337203685477.5807', '922337203685477.5807'],
  ])('%s is %s', (amount, text) => {
    expect(decimalText(tenThousandths(amount)!)).toBe(text);
  });

  test.each(['1.00001', '922337203685477.5808', '1,5', '', '.5', '1e3', 'NaN'])(
    '"%s" is refused, not rounded',
    (amount) => {
      expect(tenThousandths(amount)).toBeNull();
    },
  );

  test('add up exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })), (all) => {
        const texts = all.map(decimalText);
        const sum = texts.reduce((total, text) => total + tenThousandths(text)!, 0n);
        expect(sum).toBe(all.reduce((a, b) => a + b, 0n));
      }),
    );
  });
});
