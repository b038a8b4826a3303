import type { LogSink } from '../src/log/line.ts';

/** One line of JSON for each entry: what the Functions host takes from a worker's output into its log. */
export const logLines =
  (out: { write(text: string): unknown }): LogSink =>
  (line) => {
    out.write(`${JSON.stringify(line)}\n`);
  };
