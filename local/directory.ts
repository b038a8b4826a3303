import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Reject } from '../src/failures.ts';

/**
 * Makes a directory with its parents, one by one: `mkdirSync` with `recursive` never returns where a parent
 * exists and takes no entries (as in /proc). Throws a `Reject` when it cannot be made.
 */
export function makeDirectory(directory: string): void {
  try {
    make(directory);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new Reject(
      `the directory ${directory} cannot be made (${code}): choose another with --data, or give this user the right to write there`,
      { cause },
    );
  }
}

function make(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) make(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process was faster.
    if (!isDirectory(directory)) throw error;
  }
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
