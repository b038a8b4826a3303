import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants/list.ts';

/** `npm run mutants` is seldom run, because it takes long: code that moved is noticed here at once. */

const root = join(import.meta.dirname, '..');

test.each(MUTANTS)('there is one place where $breakage', ({ file, find }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
});
