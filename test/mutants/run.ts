import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  .filter((file) => file !== '');

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'driftless-mutants-'));
  for (const file of files) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { force: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

function run(copy: string, suites: readonly string[]): Promise<Report | null> {
  const output = join(copy, 'report.json');
  rmSync(output, { force: true });
  const args = [vitest, 'run', ...suites, '--reporter=json', `--outputFile=${output}`];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }, () => {
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
    const report = await run(copy, mutant.suites);
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
  const copies = Array.from({ length: AT_ONCE }, copyTree);
  try {
    const suites = [...new Set(chosen.flatMap((mutant) => mutant.suites))];
    const baseline = await run(copies[0]!, suites);
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
    print(chosen.map((mutant) => results.find((result) => result.mutant === mutant)!));
    return results.every(({ fate }) => fate === 'killed') ? 0 : 1;
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  }
}

function print(results: readonly Result[]): void {
  console.log('| rule | breakage | fate | noticed by |\n| --- | --- | --- | --- |');
  for (const { mutant, fate, by } of results)
    console.log(`| ${mutant.rule} | ${mutant.breakage} | ${fate} | ${by} |`);
  console.log(`\n${results.filter(({ fate }) => fate === 'killed').length} of ${results.length} killed`);
}

process.exitCode = await main();
