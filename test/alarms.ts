import type { Alarm } from '../src/deadline.ts';

/** For worlds whose time does not pass by itself. */
export const neverRings: Alarm = () => ({ signal: new AbortController().signal, [Symbol.dispose]: () => {} });
