import type { Log } from '../src/log.ts';

/** One line of JSON for each entry: what the Functions host takes from a worker's output into its log. */
export const logLines =
  (out: { write(text: string): unknown }, clock: () => number): Log =>
  (level, message, properties = {}) => {
    const timestamp = new Date(clock()).toISOString();
    out.write(`${JSON.stringify({ timestamp, level, message, properties })}\n`);
  };
