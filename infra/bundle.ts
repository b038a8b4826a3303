import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { notices } from './notices.ts';

/**
 * Everything that Azure needs, in one folder that is deployed as it is: code, host.json, package.json, migrations. No
 * package has to be installed there, which would take minutes and hundreds of megabytes.
 *
 * What an entry imports is one file; what it imports late (drivers and SDKs) are files of their own, so that a
 * cold start loads none of them. Code lies one folder deep as it does in the sources, since it finds the migrations
 * beside its own folder.
 */
export const ENTRIES = ['app/azure.ts'];
const CODE = 'app';

/** Some packages call `require` although what they are bundled into is a module. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

/** Answers what went where. The folder is made anew. */
export async function bundle(root: string, outDir: string): Promise<Metafile> {
  rmSync(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: join(outDir, CODE),
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: REQUIRE },
    inject: ['infra/commonjs.ts'],
    // The worker puts it into the process; it is on no registry.
    external: ['@azure/functions-core'],
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const file of globSync('db/migrations/*/*/migration.sql', { cwd: root })) {
    const copy = join(outDir, file.replace(/^db[\\/]/, ''));
    cpSync(join(root, file), copy, { recursive: true });
  }
  mkdirSync(outDir, { recursive: true });
  cpSync(join(root, 'host.json'), join(outDir, 'host.json'));
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(productionPackage(root), null, 2)}\n`);
  writeFileSync(join(outDir, 'NOTICES.txt'), notices(root, metafile));
  return metafile;
}

/** What the worker reads of it: where the entry is, and that it is a module. */
function productionPackage(root: string): Readonly<Record<string, unknown>> {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    name,
    version,
    license,
    private: true,
    type: 'module',
    main: `${CODE}/azure.js`,
    engines: { node: '>=24' },
  };
}
