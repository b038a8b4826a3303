import type { Alarm } from '../src/deadline.ts';

/** By the clock of the machine. The timer goes with the work: thousands of invocations end long before theirs. */
export const alarm: Alarm = (ms) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms).unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
};
