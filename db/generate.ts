import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `npm run db:generate`: writes the migrations of both dialects that bring the last ones to the present
 * schema, by drizzle.config.ts. Further arguments go to drizzle-kit (`-- --name add-collections`, `-- --explain`,
 * `-- --hints …` when it asks whether a column was renamed).
 */

export const DIALECTS = ['sqlite', 'mssql'] as const;
export type Dialect = (typeof DIALECTS)[number];

const root = fileURLToPath(new URL('..', import.meta.url));
const drizzleKit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');

/** Runs `drizzle-kit generate` for one dialect; `print` shows what it says as it says it. */
export const generate = (dialect: Dialect, options: readonly string[], print: boolean) =>
  spawnSync(process.execPath, [drizzleKit, 'generate', '--config', 'drizzle.config.ts', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: print ? 'inherit' : 'pipe',
    // Without the second, drizzle-kit leaves the modules it has transpiled in the directory for temporary files.
    env: { DRIZZLE_DIALECT: dialect, JITI_FS_CACHE: 'false' },
  });

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const dialect of DIALECTS) {
    const { status } = generate(dialect, process.argv.slice(2), true);
    if (status !== 0) process.exitCode = status ?? 1;
  }
}
