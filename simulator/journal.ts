/**
 * What a shop has lived through since it was filled, in a file, so that it outlives its process, a killed one
 * too. Otherwise a mirror would be newer than the shop it mirrors.
 *
 * The population is not kept: the same seed and instant make it again. Of every object that changed since, the
 * newest version is. That is SQLite rather than a log of lines, because the file then grows with the shop and
 * not with time, holds an event whole or not at all, and can be locked against a second simulator.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Step } from './collection.ts';
import { JournalRefused, openJournalFile, refusal } from './journal-file.ts';
import { type Kind, type Kinds, kinds } from './model.ts';
import type { PopulationSize } from './population.ts';
import type { Shop } from './shop.ts';

/** What the shop is made of. Its `filledAt` is the journal's to say. */
export interface Making extends PopulationSize {
  readonly domain: string;
  readonly mixedIds: boolean;
}

/** A simulator that is just ending, because whoever started it was killed, is waited for. */
const BUSY_MS = 3_000;

export class Journal {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #fail: (failure: JournalRefused) => void;

  /**
   * `fail` is told when a step could not be kept: a shop that went on would be ahead of its journal. Throws a
   * `JournalRefused` when the file cannot be used, or is another's for longer than `busyMs`.
   */
  constructor(file: string, fail: (failure: JournalRefused) => void, busyMs = BUSY_MS) {
    this.#file = file;
    this.#fail = fail;
    this.#database = openJournalFile(file, busyMs);
  }

  /** Enters a shop that is about to be made, or finds it. Answers how often it was started, this time included. */
  enter(making: Making, now: number): number {
    const { domain } = making;
    this.#database
      .prepare('INSERT INTO Shops (Domain, Making, FilledAt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(domain, JSON.stringify(making), now);
    const differing = differences(making, JSON.parse(String(this.#shop(domain)['Making'])));
    if (differing.length > 0)
      throw new JournalRefused(
        `${this.#file} holds another ${domain}, made with ${differing.join(', ')}. ` +
          'Start with the same options, or keep the new shop in another file.',
      );
    this.#database.prepare('UPDATE Shops SET Starts = Starts + 1 WHERE Domain = ?').run(domain);
    return Number(this.#shop(domain)['Starts']);
  }

  filledAt(domain: string): number {
    return Number(this.#shop(domain)['FilledAt']);
  }

  /** Brings a freshly filled shop to where it was, and keeps every further step. */
  resume(shop: Shop): void {
    this.#assertSamePast(shop);
    const { domain } = shop.profile;
    const steps = this.#database.prepare('SELECT * FROM Steps WHERE Domain = ? ORDER BY At');
    for (const step of steps.iterate(domain))
      retrace(shop, String(step['Kind']), String(step['Gid']), Number(step['At']), step['Object']);
    const drawn = Number(this.#shop(domain)['IdsDrawn']);
    while (shop.idsDrawn < drawn) shop.nextId();
    this.#follow(shop);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #shop(domain: string) {
    const row = this.#database.prepare('SELECT * FROM Shops WHERE Domain = ?').get(domain);
    if (!row) throw new Error(`${domain} was not entered in the journal.`);
    return row;
  }

  /** Another version of the simulator may fill a shop differently; then the steps would not fit. */
  #assertSamePast(shop: Shop): void {
    const { domain } = shop.profile;
    const fingerprint = fingerprintOf(shop);
    const known = this.#shop(domain)['Fingerprint'];
    if (known === null)
      this.#database.prepare('UPDATE Shops SET Fingerprint = ? WHERE Domain = ?').run(fingerprint, domain);
    else if (known !== fingerprint)
      throw new JournalRefused(
        `${this.#file} was kept by another version of the simulator, which filled ${domain} differently. ` +
          'Use that version, or remove the file and whatever mirrors this shop.',
      );
  }

  /**
   * One event takes several steps within one turn, and they are kept together at the end of it. Nobody has seen
   * them by then: an answer takes more turns than one.
   */
  #follow(shop: Shop): void {
    let pending: { kind: Kind; step: Step<Kinds[Kind]> }[] = [];
    const keep = () => {
      const steps = pending;
      pending = [];
      this.#keep(shop, steps);
    };
    for (const kind of kinds)
      shop.collection(kind).onStep = (step: Step<Kinds[Kind]>) => {
        if (pending.push({ kind, step }) === 1) queueMicrotask(keep);
      };
  }

  #keep(shop: Shop, steps: readonly { readonly kind: Kind; readonly step: Step<Kinds[Kind]> }[]): void {
    const { domain } = shop.profile;
    try {
      this.#database.exec('BEGIN');
      const put = this.#database.prepare('INSERT OR REPLACE INTO Steps VALUES (?, ?, ?, ?, ?)');
      for (const { kind, step } of steps)
        put.run(domain, step.gid, kind, step.at, step.object && JSON.stringify(step.object));
      this.#database.prepare('UPDATE Shops SET IdsDrawn = ? WHERE Domain = ?').run(shop.idsDrawn, domain);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#fail(refusal(this.#file, error));
    }
  }
}

/** `seed 1 and not 2`: what was asked for otherwise than it was made. */
function differences(asked: Making, made: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(asked)
    .filter(([name, value]) => made[name] !== value)
    .map(([name, value]) => `${name} ${made[name]} and not ${value}`);
}

function retrace(shop: Shop, kind: string, gid: string, at: number, object: unknown): void {
  const known = kinds.find((each) => each === kind);
  if (!known) throw new Error(`The journal has a step of ${kind}, which is no kind of object.`);
  if (typeof object === 'string') shop.collection(known).put(JSON.parse(object), at);
  else shop.collection(known).delete(gid, at);
}

/** Chance is one stream: if anything was drawn differently, the last objects differ. */
function fingerprintOf(shop: Shop): string {
  const last = kinds.map((kind) => shop.collection(kind).at(shop.collection(kind).size - 1) ?? null);
  return createHash('sha256')
    .update(JSON.stringify([shop.idsDrawn, last]))
    .digest('hex');
}
