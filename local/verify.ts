import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { withDatabaseUrl } from '../app/database-url.ts';
import { openDatabase } from '../db/open.ts';
import type { Certificate } from '../src/certificate.ts';
import { readDatabaseAddress } from '../src/config.ts';
import type { Database } from '../src/database.ts';
import { Reject, Transient } from '../src/failures.ts';
import { type MovedRange, type Verification, verify } from '../src/verify.ts';
import { loadEnvironment } from './environment.ts';

/**
 * `npm run verify`: recomputes certificates from the mirror, by default the latest that is completed of each store and
 * entity, and names the ranges whose rows have moved since. Ends with 1 if rows differ although Driftless wrote none.
 */
const LATEST = 200;
const NAMED = 10;

async function main(): Promise<void> {
  const command = new Command('verify')
    .description('recomputes certificates from the mirror')
    .option('--certificate <id>', 'this one alone', whole)
    .parse();
  const wanted = command.opts<{ certificate?: number }>().certificate ?? null;
  const address = readDatabaseAddress(await withDatabaseUrl(loadEnvironment()));
  const database = await openDatabase(address, {
    clock: Date.now,
    monotonic: () => performance.now(),
    nonce: randomUUID,
  });
  try {
    const certificates = await chosen(database, wanted);
    if (certificates.length === 0) throw new Reject('there is no such completed certificate: start a census');
    for (const certificate of certificates) tell(certificate, await verify(database, certificate));
  } finally {
    await database.close();
  }
}

async function chosen(database: Database, wanted: number | null): Promise<readonly Certificate[]> {
  const latest = new Map<string, Certificate>();
  for (const { id } of await database.stores())
    for (const certificate of (await database.certificates(id, LATEST)).toReversed()) {
      const isOne = wanted === null ? certificate.completedAt !== null : certificate.id === wanted;
      if (isOne) latest.set(`${id} ${certificate.entity}`, certificate);
    }
  return [...latest.values()];
}

function tell(certificate: Certificate, { ranges, keys, moved }: Verification): void {
  const { id, storeId, entity, verdict, fromAt } = certificate;
  const since = new Date(fromAt).toISOString().slice(0, 16);
  console.log(`certificate ${id}: ${entity} of store ${storeId}, ${verdict}, begun ${since}Z`);
  const same = ranges - moved.length;
  console.log(`  ${keys} keys were equal; ${same} of ${ranges} ranges are as they were`);
  if (ranges === 0)
    console.log(
      '  it has no ranges: nothing was listed, they are no longer kept, or an earlier release made it',
    );
  for (const range of moved) console.log(`  ${described(range)}`);
  if (moved.some(({ rows }) => rows.length === 0)) process.exitCode = 1;
}

function described({ after, through, equal, live, rows, runs }: MovedRange): string {
  const range = `(${after ?? 'the beginning'}..${through}] had ${equal} equal keys and has ${live} live ones`;
  if (rows.length === 0)
    return `${range}, and Driftless has written none of them since: somebody else changed the table`;
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : '';
  const by = runs.length === 0 ? 'no run of a refresh' : `the runs ${runs.join(', ')}`;
  return `${range}; written since by ${by}: ${rows.slice(0, NAMED).join(', ')}${more}`;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('give the number of a certificate');
  return Number(text);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Reject || error instanceof Transient)) throw error;
  console.error(`Nothing was verified: ${error.message}`);
  process.exitCode = 1;
}
