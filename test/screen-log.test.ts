import { expect, test } from 'vitest';
import { screenLog } from '../local/screenLog.ts';
import type { LogLine } from '../src/log/line.ts';

/** What a person in front of `npm start` sees of the log, and what a collector of lines gets instead. */

const LINE: LogLine = {
  timestamp: '2024-07-24T12:00:00Z',
  level: 'Warning',
  logger: 'CustomerSyncService',
  message: 'something failed\n    at a stack',
  properties: { StoreId: 1 },
};

function screened(format: 'text' | 'json') {
  const said: string[] = [];
  const screen = { say: (line: string) => said.push(line), show() {}, close() {} };
  return { said, write: screenLog({ ...screen, paint: (_, text) => text })(format) };
}

test('as text: trouble in one line, the same trouble once a minute', () => {
  const { said, write } = screened('text');
  for (const at of [0, 1_000, 59_000]) write(LINE, 100_000 + at);
  write({ ...LINE, level: 'Information', message: 'all is well' }, 100_000);
  expect(said).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d {2}warning {2}something failed$/)]);
  write(LINE, 160_000);
  expect(said).toHaveLength(2);
});

test('as JSON: every line, in its documented form', () => {
  const { said, write } = screened('json');
  write(LINE, 0);
  write(LINE, 1);
  write({ ...LINE, level: 'Information' }, 2);
  expect(said.map((line) => JSON.parse(line))).toEqual([LINE, LINE, { ...LINE, level: 'Information' }]);
});
