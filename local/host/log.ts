/** What the host and the functions in it report. Messages hold no secret and no personal data: that is R12's. */

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';

export interface LogEntry {
  /** A `LogLevel`; the library may pass others. */
  readonly level: string;
  /** `user`: a function's own `context.log`. `system`: the library. `host`: this host. */
  readonly category: 'user' | 'system' | 'host' | (string & {});
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

export type Log = (entry: LogEntry) => void;

/** Without a log of its own, a failing function must still not be a mystery. */
export const logTroubleToStderr: Log = ({ level, functionName, message }) => {
  if (level === 'warning' || level === 'error' || level === 'critical')
    process.stderr.write(`${level} ${functionName ? `${functionName}: ` : ''}${message}\n`);
};

/** The text of anything that was thrown, with its causes. */
export function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? own : `${own}\ncaused by ${describe(thrown.cause)}`;
}
