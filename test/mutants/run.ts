import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './list.ts';

/**
 * `npm run mutants`: breaks the code on purpose, one breakage at a time, in copies of the work tree, and runs the
 * suites that must notice. Only a failed assertion kills a mutant; a crash or a time-out does not. The unmutated code
 * must pass the same suites. Exit 1 if a mutant lives.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const AT_ONCE = 2;
const LIMIT_MS = 120_000;
/** Of the unmutated code, which is run through all suites at once. */
const BASELINE_LIMIT_MS = 15 * 60_000;
/** Where the table of a whole run is kept. */
const TABLE = 'docs/mutants.md';
const TABLE_HEAD = `# Mutants

What \`npm run mutants\` printed last of each: the code broken on purpose, one breakage at a time (\`test/mutants/list.ts\`).
Only a failed assertion kills; a crash or a time-out does not.

`;

type Fate = 'killed' | 'LIVES' | 'CRASHED';
interface Result {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly by: string;
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  // A file may be deleted and not committed.
  .filter((file) => file !== '' && existsSync(join(root, file)));

function copyTree(copies: string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'driftless-mutants-'));
  copies.push(copy);
  for (const file of files) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { force: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

function run(copy: string, suites: readonly string[], timeout: number): Promise<Report | null> {
  const output = join(copy, 'report.json');
  rmSync(output, { force: true });
  const args = [vitest, 'run', ...suites, '--reporter=json', `--outputFile=${output}`];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, timeout, maxBuffer: 64 * 1024 * 1024 }, () => {
      try {
        resolve(JSON.parse(readFileSync(output, 'utf8')) as Report);
      } catch {
        resolve(null);
      }
    });
  });
}

/** A failed `expect`, also inside a property. */
const isAssertion = (message: string): boolean => /AssertionError|promise (resolved|rejected)/.test(message);

async function tryMutant(copy: string, mutant: Mutant): Promise<Result> {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(mutant.find).length !== 2)
    return { mutant, fate: 'CRASHED', by: 'its text does not stand exactly once: bring the list up to date' };
  writeFileSync(
    path,
    text.replace(mutant.find, () => mutant.replace),
  );
  try {
    const report = await run(copy, mutant.suites, LIMIT_MS);
    if (report === null) return { mutant, fate: 'CRASHED', by: 'no report within the time' };
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    const killer = failed.find(({ failureMessages }) => (failureMessages ?? []).some(isAssertion));
    if (killer) return { mutant, fate: 'killed', by: killer.title };
    return { mutant, fate: failed.length > 0 ? 'CRASHED' : 'LIVES', by: failed[0]?.title ?? '' };
  } finally {
    writeFileSync(path, text);
  }
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const chosen = MUTANTS.filter(
    ({ rule, breakage }) => wanted.length === 0 || wanted.some((w) => `${rule} ${breakage}`.includes(w)),
  );
  const copies: string[] = [];
  try {
    while (copies.length < AT_ONCE) copyTree(copies);
    const suites = [...new Set(chosen.flatMap((mutant) => mutant.suites))];
    const baseline = await run(copies[0]!, suites, BASELINE_LIMIT_MS);
    if (!baseline?.success) throw new Error(`the unmutated code fails ${suites.join(', ')}: mend that first`);
    const waiting = [...chosen];
    const results: Result[] = [];
    await Promise.all(
      copies.map(async (copy) => {
        for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
          const result = await tryMutant(copy, mutant);
          results.push(result);
          console.error(`${result.fate.padEnd(8)} ${mutant.rule.padEnd(4)} ${mutant.breakage}`);
        }
      }),
    );
    console.log(tableOf(results.map(rowOf)));
    const kept = wanted.length === 0 ? [] : readFileSync(join(root, TABLE), 'utf8').split('\n');
    writeFileSync(join(root, TABLE), `${TABLE_HEAD}${tableOf(rowsOfAll(results, kept))}\n`);
    return results.every(({ fate }) => fate === 'killed') ? 0 : 1;
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  }
}

const beginOf = ({ rule, breakage }: Mutant): string => `| ${rule} | ${breakage} | `;
const rowOf = ({ mutant, fate, by }: Result): string => `${beginOf(mutant)}${fate} | ${by} |`;

/** A mutant that was not tried this time keeps the row that it had. */
const rowsOfAll = (results: readonly Result[], kept: readonly string[]): readonly string[] =>
  MUTANTS.flatMap((mutant) => {
    const result = results.find((each) => each.mutant === mutant);
    return result ? [rowOf(result)] : kept.filter((row) => row.startsWith(beginOf(mutant)));
  });

function tableOf(lines: readonly string[]): string {
  const killed = lines.filter((line) => line.includes(' | killed | ')).length;
  return [
    '| rule | breakage | fate | noticed by |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    `${killed} of ${lines.length} killed.`,
  ].join('\n');
}

process.exitCode = await main();
