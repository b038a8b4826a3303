/** A million customers: memory, points, statements and kills, as `npm run bench:census` measures them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = new URL('../bench/census.ts', import.meta.url).pathname;
const HOUR_MS = 3_600_000;

/** The program exits with 1 at a broken promise; what it says then is in the error. */
test('a census of a million customers stays small, and is right although it is killed ten times', {
  timeout: HOUR_MS,
}, async ({ signal }) => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { signal });
  const { inPeace, killed, differences } = JSON.parse(stdout);
  expect({ inPeace: inPeace.ids, killed: killed.ids, differences }).toEqual({
    inPeace: 999_993,
    killed: 999_993,
    differences: 0,
  });
});
