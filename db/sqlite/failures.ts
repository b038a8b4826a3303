import { DrizzleQueryError } from 'drizzle-orm';
import { Reject, Transient } from '../../src/failures.ts';

/**
 * SQLite's result codes that are not bugs of ours, as the failures they mean
 * (https://sqlite.org/rescode.html). The extended code keeps the primary one in its lowest byte.
 */
const MEANINGS: Readonly<Record<number, (file: string) => { readonly [kind in Kind]?: string }>> = {
  5: (file) => ({
    transient: `Another process is writing to ${file}. It is tried again; should it last, ${CLOSE}`,
  }),
  6: (file) => ({ transient: `${file} is locked within this process. It is tried again.` }),
  8: (file) => ({
    reject: `${file} cannot be written to. Give this user the right to write it and its directory.`,
  }),
  10: (file) => ({
    transient: `Reading or writing ${file} failed. It is tried again; should it last, check the disk.`,
  }),
  11: (file) => ({ reject: `${file} is damaged. ${RESTORE}` }),
  13: (file) => ({ transient: `The disk with ${file} is full. It is tried again; free some space.` }),
  14: (file) => ({
    reject: `${file} cannot be opened. Create its directory, and give this user the right to write it.`,
  }),
  26: (file) => ({ reject: `${file} is no SQLite database. ${RESTORE}` }),
};
type Kind = 'transient' | 'reject';
const CLOSE = 'close other programs that have it open.';
const RESTORE =
  'Restore it from a backup, or move it away: Driftless then makes a new one and mirrors the stores again.';

/** What a failure of SQLite means to the domain; anything else is passed on as it is. */
export function translated(error: unknown, file: string): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const code = resultCode(cause);
  const meaning = code === null ? undefined : MEANINGS[code & 0xff]?.(file);
  if (meaning?.transient) return new Transient(meaning.transient, { cause });
  if (meaning?.reject) return new Reject(meaning.reject, { cause });
  return error;
}

/** SQLite's result code, if the error is one of SQLite's. */
const resultCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
