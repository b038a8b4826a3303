import { createLog, type LogLine } from '../src/log/line.ts';
import type { Log } from '../src/log.ts';

/** A log that keeps its warnings and errors, or what else is worth it, in English: `warning: …`. */
export const sayings = (
  said: string[],
  isWorth: (line: LogLine) => boolean = ({ level }) => level !== 'Information',
): Log =>
  createLog({
    clock: () => 0,
    language: 'en',
    sinks: [
      (line) => {
        if (isWorth(line)) said.push(`${line.level.toLowerCase()}: ${line.message}`);
      },
    ],
  });
