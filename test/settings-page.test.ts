import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SCHEDULES } from '../src/schedules.ts';

/** A setting that nobody is told of cannot be set: README.md has every one that the code reads. */
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = readFileSync(at('README.md'), 'utf8');

/** Read for the SDK, which is told by it what we say in code. */
const NOT_OURS = new Set(['APPLICATIONINSIGHTS_CONFIGURATION_CONTENT']);

const READ = [
  /\benv(?:ironment)?\[['"]([A-Z][A-Z0-9_]+)['"]\]/g,
  /\bsecretText\(env, '([A-Z][A-Z0-9_]+)'/g,
  // The fields of the schema of settings.
  /^ {2}([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT): /gm,
];

const read = new Set([
  ...Object.keys(SCHEDULES),
  ...globSync(['{src,app,local}/**/*.ts'], { cwd: at('.') }).flatMap((path) => {
    const text = readFileSync(at(path), 'utf8');
    const schema = path.replaceAll('\\', '/') === 'src/config.ts';
    return READ.slice(0, schema ? 3 : 2).flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([, name]) => name!),
    );
  }),
]);

test('every setting that is read stands in the README', () => {
  expect([...read].sort()).toEqual(
    expect.arrayContaining([
      'DATABASE_URL',
      'KEY_VAULT_URL',
      'OPERATOR_AUTH',
      'ORDER_SYNC_CRON',
      'PRIVACY_KEY',
    ]),
  );
  const silent = [...read].filter((name) => !NOT_OURS.has(name) && !readme.includes(`\`${name}\``));
  expect(silent).toEqual([]);
});
