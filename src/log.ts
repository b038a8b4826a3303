/**
 * Structured log entries. Properties are counts, codes, ids of stores and runs: nothing personal and no secret
 * (R12). Where they go is the door's business.
 */
export type Level = 'debug' | 'information' | 'warning' | 'error';

export type Log = (
  level: Level,
  message: string,
  properties?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

export const silent: Log = () => {};
