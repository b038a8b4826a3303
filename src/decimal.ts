/**
 * Money as exact text. Amounts arrive as decimal strings ("400.0", "12000"), are stored with four decimals
 * (`decimal(19,4)`) and never pass through a binary float: arithmetic is on BigInt ten-thousandths.
 */

/** The widest amount that both databases hold: a 64-bit integer of ten-thousandths. */
const LARGEST = 2n ** 63n - 1n;

/** `'400.0'` → `4000000n`. Null when the text is no decimal, has more than four significant decimals, or overflows. */
export function tenThousandths(text: string): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole = '', fraction = ''] = match;
  if (/[^0]/.test(fraction.slice(4))) return null;
  const units = BigInt(whole + fraction.slice(0, 4).padEnd(4, '0'));
  if (units > LARGEST) return null;
  return sign === '-' ? -units : units;
}

/** `4000000n` → `'400.0000'`: the one spelling of an amount inside Driftless, so that equal amounts are equal text. */
export function decimalText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(5, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
