import type { Timing } from './clock.ts';

/**
 * A time that cannot be is no time (R18): one that lies later than what told it, and one from before there was
 * Shopify. A wrong time is the one wrong value that does not pass: whatever is compared with it loses for as long as
 * it lies ahead, so it is left out of every comparison instead.
 */

/** No object of any shop is older. */
const EARLIEST = Date.UTC(2004, 0);
/** The databases hold years of four digits, also after a time zone was added. */
const LATEST = Date.UTC(9999, 0);

/** What stands for a text that is no time: later than any answer. */
export const NO_TIME = Number.POSITIVE_INFINITY;

/** Milliseconds of a text, or `NO_TIME`. */
export function timeOrNone(text: unknown): number {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return isTime(ms) ? ms : NO_TIME;
}

export const isTime = (ms: number): boolean => ms >= EARLIEST && ms < LATEST;

/** Later than `at` by more than clocks and replicas explain. Both are Shopify's times. */
export const isAhead = (time: number, at: number, { settleMs }: Pick<Timing, 'settleMs'>): boolean =>
  time > at + settleMs;
