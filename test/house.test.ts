import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MUTANTS, type Mutant } from './mutants/list.ts';

/**
 * The shape of the house (ARCHITECTURE.md), enforced: who may import whom, what stays outside the domain, how long
 * a file may be. A failure names the file, the line and the rule.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = globSync('{src,webhooks,reconcile,privacy,app,db,local,simulator,bench,infra}/**/*.ts', {
  cwd: root,
}).map((path) => ({
  path: path.replaceAll('\\', '/'),
  lines: readFileSync(join(root, path), 'utf8').split('\n'),
}));
type File = (typeof files)[number];

/** Where each room may import from, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  src: [],
  db: ['src'],
  webhooks: ['src'],
  reconcile: ['src'],
  privacy: ['src'],
  app: ['src', 'webhooks', 'reconcile', 'privacy', 'db'],
  local: ['src', 'app', 'db'],
  // A program of its own: what it says of the truth must share nothing with the code it judges.
  simulator: [],
  bench: ['src', 'app', 'db', 'local', 'simulator'],
  infra: [],
};

/** Packages and modules that belong to some files alone. */
const ONLY_IN: readonly { readonly module: RegExp; readonly where: RegExp; readonly rule: string }[] = [
  { module: /^drizzle-(orm|kit)/, where: /^db\//, rule: 'only db/ imports drizzle' },
  {
    module: /^node:sqlite$/,
    where: /^(db|local\/host|simulator|bench)\//,
    rule: 'only db/, the local queues, the simulator and measurements touch SQLite',
  },
  { module: /^(mssql|tedious)/, where: /^db\//, rule: 'only db/ imports drivers' },
  {
    module: /^@azure\/functions/,
    where: /(^|\/)functions\.ts$|^local\/host\//,
    rule: 'only doors import @azure/functions',
  },
  { module: /^@azure\/(?!functions)/, where: /^app\//, rule: 'only app/ talks to Azure services' },
  {
    module: /^(@opentelemetry|applicationinsights)/,
    where: /^app\/telemetry\//,
    rule: 'only app/telemetry/ knows who is told',
  },
  {
    module: /^graphql/,
    where: /^simulator\//,
    rule: 'the service sends GraphQL, only the simulator executes it',
  },
  {
    module: /^node:(fs|child_process|http|https|net|os|process|timers)/,
    where: /^(?!src\/|webhooks\/|reconcile\/|privacy\/)/,
    rule: 'stages and domain touch no file, process, socket or timer',
  },
];

/** What the domain and its stages get as arguments instead. */
const FORBIDDEN: readonly { readonly text: RegExp; readonly where: RegExp; readonly rule: string }[] = [
  {
    text: /process\.env/,
    where: /^(src|webhooks|reconcile|privacy|db|simulator)\//,
    rule: 'process.env is read by doors only',
  },
  {
    text: /Date\.now\(\)|new Date\(\)|performance\.now\(/,
    where: /^(src|webhooks|reconcile|privacy|db)\//,
    rule: 'time is an argument',
  },
  {
    text: /Math\.random|randomUUID|randomBytes/,
    where: /^(src|webhooks|reconcile|privacy|db)\//,
    rule: 'chance is an argument',
  },
  {
    text: /setTimeout\(|setInterval\(/,
    where: /^(src|webhooks|reconcile|privacy)\//,
    rule: 'waiting is an argument',
  },
  {
    text: /console\./,
    where: /^(src|webhooks|reconcile|privacy|app|db)\//,
    rule: 'what is said goes through the log',
  },
  {
    text: /@ts-ignore|@ts-expect-error|as unknown as|\bas any\b|: any\b/,
    where: /^/,
    rule: 'no any, no double casts',
  },
];

const LINES_MAX = 250;
const DRAWERS = /(^|\/)(utils?|helpers?|common|managers?|index|misc|lib)\.ts$/;

interface Import {
  readonly file: File;
  readonly line: number;
  readonly module: string;
}

const imports: readonly Import[] = files.flatMap((file) =>
  file.lines.flatMap((text, i) => {
    const match = /(?:from|^import|import\() ?'([^']+)'/.exec(text);
    return match && !/^\s*(\*|\/\/)/.test(text) ? [{ file, line: i + 1, module: match[1]! }] : [];
  }),
);

const roomOf = (path: string): string => path.split('/')[0]!;
const at = ({ file, line }: { file: File; line: number }, rule: string) => `${file.path}:${line} ${rule}`;

describe('the house', () => {
  test('was found', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
  });

  test('imports point one way', () => {
    const broken = imports.filter(({ file, module }) => {
      if (!module.startsWith('.')) return false;
      const target = roomOf(relative(root, join(root, dirname(file.path), module)).replaceAll('\\', '/'));
      const room = roomOf(file.path);
      return target !== room && target in MAY_IMPORT && !MAY_IMPORT[room]!.includes(target);
    });
    expect(
      broken.map((each) => at(each, `${roomOf(each.file.path)}/ must not import ${each.module}`)),
    ).toEqual([]);
  });

  test('every import names its file', () => {
    const broken = imports.filter(({ module }) => module.startsWith('.') && !/\.(ts|json)$/.test(module));
    expect(broken.map((each) => at(each, `${each.module} names no file`))).toEqual([]);
  });

  test.each(ONLY_IN)('$rule', ({ module, where, rule }) => {
    const broken = imports.filter((each) => module.test(each.module) && !where.test(each.file.path));
    expect(broken.map((each) => at(each, rule))).toEqual([]);
  });

  test.each(FORBIDDEN)('$rule', ({ text, where, rule }) => {
    const broken = files
      .filter(({ path }) => where.test(path))
      .flatMap((file) =>
        file.lines.flatMap((line, i) =>
          text.test(line) && !/^\s*(\*|\/\/|\/\*\*)/.test(line) ? [at({ file, line: i + 1 }, rule)] : [],
        ),
      );
    expect(broken).toEqual([]);
  });

  test('SDKs of telemetry are loaded late', () => {
    const exporter = /(from|^import) '[^']*(azure-monitor|open-telemetry)\.ts'/;
    const early = files
      .filter(({ path }) => path !== 'app/telemetry/azure-monitor.ts')
      .flatMap((file) =>
        file.lines.flatMap((text, i) =>
          exporter.test(text) ? [at({ file, line: i + 1 }, 'import() it where it is needed')] : [],
        ),
      );
    expect(early).toEqual([]);
  });

  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const long = files.filter(({ lines }) => lines.length - 1 > LINES_MAX);
    expect(long.map(({ path, lines }) => `${path} has ${lines.length - 1} lines: a noun is missing`)).toEqual(
      [],
    );
  });

  test('no file is a drawer', () => {
    expect(files.filter(({ path }) => DRAWERS.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('every mutant finds the text that it breaks, once', () => {
    const found = ({ file, find }: Mutant) => readFileSync(join(root, file), 'utf8').split(find).length - 1;
    const lost = MUTANTS.filter((mutant) => found(mutant) !== 1);
    expect(lost.map(({ file, breakage }) => `${file}: bring "${breakage}" up to date`)).toEqual([]);
  });
});
