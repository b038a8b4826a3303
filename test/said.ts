import { createLog } from '../src/log/line.ts';
import type { Log } from '../src/log.ts';

/** A log that keeps its warnings and errors, in English: `warning: …`. */
export const sayings = (said: string[]): Log =>
  createLog({
    clock: () => 0,
    language: 'en',
    sinks: [
      ({ level, message }) => {
        if (level !== 'Information') said.push(`${level.toLowerCase()}: ${message}`);
      },
    ],
  });
