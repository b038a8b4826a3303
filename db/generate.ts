import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `npm run db:generate`: writes the migrations of both dialects that bring the last ones to the present
 * schema. Further arguments go to drizzle-kit (`-- --name add-collections`, `-- --explain`, `-- --hints …`
 * when it asks whether a column was renamed).
 */

export const DIALECTS = ['sqlite', 'mssql'] as const;
export type Dialect = (typeof DIALECTS)[number];

const drizzleKit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');

/**
 * drizzle-kit takes the tables that a module exports by name, and the names of the mirror's tables are only
 * known to the entities. So it is given a module, made for the occasion, that exports every table of the
 * schema.
 */
async function entryModule(dialect: Dialect, folder: string): Promise<string> {
  const schema = new URL(`./schema.${dialect}.ts`, import.meta.url);
  const { schema: built } = await import(schema.href);
  const names = Object.keys(built.tables).join(', ');
  const entry = join(folder, `${dialect}.ts`);
  writeFileSync(
    entry,
    `import { schema } from ${JSON.stringify(fileURLToPath(schema))};\nexport const { ${names} } = schema.tables;\n`,
  );
  return entry;
}

/** Runs `drizzle-kit generate` for one dialect; `print` shows what it says as it says it. */
export async function generate(dialect: Dialect, options: readonly string[], print: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'driftless-schema-'));
  try {
    const schema = await entryModule(dialect, folder);
    const out = fileURLToPath(new URL(`./migrations/${dialect}`, import.meta.url));
    return spawnSync(
      process.execPath,
      [drizzleKit, 'generate', '--dialect', dialect, '--schema', schema, '--out', out, ...options],
      {
        encoding: 'utf8',
        stdio: print ? 'inherit' : 'pipe',
        // Otherwise drizzle-kit leaves the modules it has transpiled in the directory for temporary files.
        env: { JITI_FS_CACHE: 'false' },
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const dialect of DIALECTS) {
    const { status } = await generate(dialect, process.argv.slice(2), true);
    if (status !== 0) process.exitCode = status ?? 1;
  }
}
