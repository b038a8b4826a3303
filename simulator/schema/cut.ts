/**
 * Cuts the part of Shopify's Admin schema that the simulator executes: `npm run simulator:schema`.
 *
 * The whole schema has 3,500 types (11 MB of introspection); ours has the object types named in `kept.ts` with
 * every field of theirs that stays inside the cut, so that a missing or deprecated field is judged by the real
 * text. The source is the npm package of Shopify's developer tools, which ships the introspection enriched with
 * access requirements. It is fetched for the occasion and not a dependency: it weighs 14 MB.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import {
  buildClientSchema,
  type IntrospectionField,
  type IntrospectionInputType,
  type IntrospectionOutputType,
  type IntrospectionSchema,
  type IntrospectionType,
  type IntrospectionTypeRef,
  printSchema,
} from 'graphql';
import { accessOf, type Enriched } from './access.ts';
import { KEPT_TYPES } from './kept.ts';

const PACKAGE = '@shopify/dev-mcp@1.16.0';
const VERSION = '2026-10';
const run = promisify(execFile);

async function download(): Promise<Enriched> {
  const folder = await mkdtemp(join(tmpdir(), 'shopify-schema-'));
  try {
    await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', folder]);
    await run('sh', ['-c', 'tar -xzf *.tgz'], { cwd: folder });
    const file = join(folder, 'package', 'dist', 'data', `admin_${VERSION}.json.gz`);
    return JSON.parse(gunzipSync(await readFile(file)).toString('utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Enums, scalars and input types come along with the kept fields that name them. */
function cut(whole: IntrospectionSchema): IntrospectionSchema {
  const byName = new Map(whole.types.map((type) => [type.name, type]));
  for (const name of KEPT_TYPES) if (!byName.has(name)) throw new Error(`${VERSION} has no type ${name}.`);
  const cutTypes = KEPT_TYPES.map((name) => prune(byName.get(name)!, byName));
  const inputs = new Set<string>();
  for (const type of cutTypes) for (const name of leavesOf(type)) followInput(name, byName, inputs);
  const own = whole.directives.filter(({ name }) => name === 'idempotent');
  for (const { args } of own) for (const arg of args) followInput(nameOf(arg.type), byName, inputs);
  const leaves = whole.types.filter(({ name }) => inputs.has(name) || name.startsWith('__'));
  return {
    ...whole,
    queryType: { kind: 'OBJECT', name: 'QueryRoot' },
    mutationType: { kind: 'OBJECT', name: 'Mutation' },
    subscriptionType: null,
    types: [...cutTypes, ...leaves],
  };
}

/** The type with only the fields, interfaces and members that are inside the cut. */
function prune(type: IntrospectionType, byName: ReadonlyMap<string, IntrospectionType>): IntrospectionType {
  const inside = ({ type: ref }: IntrospectionField) => isInside(byName.get(nameOf(ref))!);
  const isKept = ({ name }: { readonly name: string }) => KEPT_TYPES.includes(name);
  if (type.kind === 'UNION') return { ...type, possibleTypes: type.possibleTypes.filter(isKept) };
  if (type.kind === 'INTERFACE') {
    const possibleTypes = type.possibleTypes.filter(isKept);
    return {
      ...type,
      possibleTypes,
      interfaces: type.interfaces.filter(isKept),
      fields: type.fields.filter(inside),
    };
  }
  if (type.kind !== 'OBJECT') throw new Error(`${type.name} is no object type: leave it out of the list.`);
  return { ...type, interfaces: type.interfaces.filter(isKept), fields: type.fields.filter(inside) };
}

const isInside = (type: IntrospectionType): boolean =>
  type.kind === 'SCALAR' || type.kind === 'ENUM' || KEPT_TYPES.includes(type.name);

function leavesOf(type: IntrospectionType): string[] {
  if (type.kind !== 'OBJECT' && type.kind !== 'INTERFACE') return [];
  return type.fields.flatMap((field) => [nameOf(field.type), ...field.args.map((arg) => nameOf(arg.type))]);
}

function followInput(name: string, byName: ReadonlyMap<string, IntrospectionType>, into: Set<string>): void {
  if (KEPT_TYPES.includes(name) || into.has(name)) return;
  into.add(name);
  const type = byName.get(name)!;
  if (type.kind !== 'INPUT_OBJECT') return;
  for (const field of type.inputFields) followInput(nameOf(field.type), byName, into);
}

function nameOf(ref: IntrospectionOutputType | IntrospectionInputType | IntrospectionTypeRef): string {
  return ref.kind === 'LIST' || ref.kind === 'NON_NULL' ? nameOf(ref.ofType) : ref.name;
}

/** Everything but the descriptions, which are nine tenths of the text. */
function withoutProse<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'description' ? null : value)));
}

const enriched = await download();
const schema = withoutProse(cut(enriched.data.__schema));
const sdl = printSchema(buildClientSchema({ __schema: schema }));
const access = accessOf(enriched, schema);
const file = (name: string) => new URL(name, import.meta.url);
await writeFile(
  file(`admin-${VERSION}.graphql`),
  `# Cut from ${PACKAGE}, Admin API ${VERSION}. Made by cut.ts.\n${sdl}\n`,
);
await writeFile(file(`access-${VERSION}.json`), JSON.stringify(access));
await run('npx', ['biome', 'format', '--write', fileURLToPath(file(`access-${VERSION}.json`))]);
process.stdout.write(`${KEPT_TYPES.length} object types, ${Math.round(sdl.length / 1000)} KB\n`);
