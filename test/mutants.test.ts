import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants/list.ts';

/** Whoever moves code moves its mutants: `npm run mutants` would tell only when somebody runs all of them. */
test.each(MUTANTS)('$file can be broken: $breakage', ({ file, find, suites }) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  expect(text.split(find)).toHaveLength(2);
  for (const suite of suites)
    expect(readFileSync(new URL(`../${suite}`, import.meta.url), 'utf8')).not.toBe('');
});
