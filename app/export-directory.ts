import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exports } from '../src/exports.ts';
import { Transient } from '../src/failures.ts';

/**
 * Exports in a directory that nobody but this user may read: on this machine, or in Azure a file share that is mounted
 * into the app. Rejected: a client of Blob Storage of our own, which would be a second set of rights to get wrong.
 */
export function openExportDirectory(directory: string): Exports {
  const pathOf = (name: string): string => {
    if (!/^[\w-]+\.json$/.test(name)) throw new Error('an export has a name that could lead elsewhere');
    return join(directory, name);
  };
  return {
    write: async (name, bytes) => {
      const path = pathOf(name);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeWhole(`${path}.part`, bytes);
        await rename(`${path}.part`, path);
      } catch (cause) {
        throw unwritable(directory, cause);
      }
    },
    remove: async (name) => {
      const path = pathOf(name);
      try {
        await rm(`${path}.part`, { force: true });
        await rm(path);
        return true;
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
        throw unwritable(directory, cause);
      }
    },
    whereIs: (name) => pathOf(name),
  };
}

/** On the disk before it gets its name: the request is done from then on. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(bytes);
  await file.sync();
}

const codeOf = (cause: unknown): unknown =>
  cause instanceof Error && 'code' in cause ? cause.code : undefined;

const unwritable = (directory: string, cause: unknown): Transient =>
  new Transient(
    `the directory ${directory} of EXPORT_DIR cannot be written to (${codeOf(cause)}): give this user the right to`,
    { cause, retryAfterMs: 60_000 },
  );
