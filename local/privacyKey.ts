import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reject } from '../src/failures.ts';

/**
 * The key that hashes erased people, when the environment names none: made once, and kept in a file beside the database,
 * which does not hold it. Whoever loses it is told, for with another key nobody would stay erased.
 */
export function localPrivacyKey(directory: string): string {
  const file = join(directory, 'privacy.key');
  try {
    const key = randomBytes(32).toString('base64url');
    writeFileSync(file, `${key}\n`, { flag: 'wx', mode: 0o600 });
    return key;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'EEXIST') throw unusable(file, error);
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw unusable(file, error);
  }
}

const unusable = (file: string, cause: unknown): Reject =>
  new Reject(`${file} cannot be read or made: give this user the right to, or set PRIVACY_KEY`, { cause });
