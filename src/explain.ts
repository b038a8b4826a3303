import type { Certificate } from './certificate.ts';
import type { Database } from './database.ts';
import type { EntityName } from './entities/registry.ts';
import type { GapReason } from './gap.ts';
import type { Lacks } from './lack.ts';
import type { KeyStory } from './story.ts';

/**
 * Why a number is what it is: the whole story of one key in order of time, one sentence for each thing that happened.
 * The order is that of our own clock; Shopify's times, which are never compared with it, are told in the sentences.
 */
export interface Happening {
  /** Our own clock: of the database, for a delivery of the door. */
  readonly at: number;
  readonly what: What;
  readonly sentence: string;
}

type What =
  | 'delivery'
  | 'refreshed'
  | 'mark'
  | 'created'
  | 'changed'
  | 'deleted'
  | 'gap'
  | 'healed'
  | 'reject'
  | 'row'
  | 'certificate';

/** At one moment, what is found comes before what is done about it, and what it proves comes last. */
const ORDER: readonly What[] = [
  'delivery',
  'gap',
  'reject',
  'mark',
  'created',
  'changed',
  'deleted',
  'refreshed',
  'healed',
  'row',
  'certificate',
];

export async function explain(
  database: Pick<Database, 'keyStory'>,
  storeId: number,
  entity: EntityName,
  id: string,
): Promise<readonly Happening[]> {
  return told(await database.keyStory(storeId, entity, id));
}

const told = (story: KeyStory): readonly Happening[] =>
  [
    ...deliveries(story),
    ...gaps(story),
    ...changes(story),
    ...present(story),
    ...story.certificates.map(certified),
  ].sort((a, b) => a.at - b.at || ORDER.indexOf(a.what) - ORDER.indexOf(b.what));

const deliveries = (story: KeyStory): readonly Happening[] =>
  story.deliveries.flatMap(({ topic, triggeredAt, receivedAt, refreshedAt }) => {
    const triggered = triggeredAt === null ? '' : `, triggered by Shopify at ${time(triggeredAt)}`;
    const came: Happening = {
      at: receivedAt,
      what: 'delivery',
      sentence: `A webhook ${topic} came${triggered}; the key was marked as possibly stale.`,
    };
    if (refreshedAt === null) return [came];
    const after = triggeredAt === null ? '' : `, ${lasting(refreshedAt - triggeredAt)} after the trigger`;
    const refreshed: Happening = {
      at: refreshedAt,
      what: 'refreshed',
      sentence: `What ${topic} announced was read from Shopify and committed${after}.`,
    };
    return [came, refreshed];
  });

const FOUND: Readonly<Record<GapReason, string>> = {
  missing: 'in Shopify and not here',
  newer: 'newer in Shopify than here',
  buried: 'alive in Shopify and deleted here',
  vanished: 'live here and no longer listed by Shopify',
  children: 'with another number of children in Shopify than here',
  unversioned: 'with other content than here under the same updatedAt',
};

const gaps = (story: KeyStory): readonly Happening[] =>
  story.gaps.flatMap(({ reason, changedAt, foundBy, runId, foundAt, healedAt, cause }) => {
    const changed = changedAt === null ? '' : `, changed at ${time(changedAt)}`;
    const run = runId === null ? '' : ` (run ${runId})`;
    const found: Happening = {
      at: foundAt,
      what: 'gap',
      sentence: `A ${foundBy}${run} found it ${FOUND[reason]}${changed}; no webhook had told.`,
    };
    const why = cause === null ? '' : ` Cause: ${cause}.`;
    if (healedAt === null)
      return [{ ...found, sentence: `${found.sentence} It is not right again yet.${why}` }];
    const healed: Happening = {
      at: healedAt,
      what: 'healed',
      sentence: `It was right again, ${lasting(healedAt - foundAt)} after it was found.${why}`,
    };
    return [found, healed];
  });

const changes = (story: KeyStory): readonly Happening[] =>
  story.changes.map(({ type, at, version, columns }) => ({
    at,
    what: type,
    sentence:
      type === 'deleted'
        ? `The row was buried: Shopify had no such object at ${time(version)}.`
        : `The row was ${type} from a read, to the version of ${time(version)}${namesOf(columns)}.`,
  }));

const namesOf = (columns: readonly string[] | null): string =>
  columns === null ? '' : `: ${columns.join(', ')}`;

/** What stands now. */
function present({ row, mark, reject }: KeyStory): readonly Happening[] {
  const happenings: Happening[] = [];
  if (mark !== null) {
    const due = mark.dueAt === null ? 'held by a census' : `due at ${time(mark.dueAt)}`;
    happenings.push({
      at: mark.raisedAt,
      what: 'mark',
      sentence: `It is marked as possibly stale (${mark.reason}), read ${mark.attempts} times since, ${due}.`,
    });
  }
  if (reject !== null)
    happenings.push({
      at: reject.lastAt,
      what: 'reject',
      sentence: `It is parked: read ${reject.times} times since ${time(reject.firstAt)} and not mirrored. ${reject.reason}`,
    });
  if (row !== null)
    happenings.push({
      at: row.syncedAt,
      what: 'row',
      sentence:
        row.deletedAt === null
          ? `The row as it stands was committed: the version of ${time(row.updatedAt)}, read at ${time(row.readAt)} of Shopify's time.${lackingOf(row.lacks)}`
          : `The row as it stands is a tombstone since ${time(row.deletedAt)} of Shopify's time.`,
    });
  return happenings;
}

/** What is not known of it, and why. */
const lackingOf = (lacks: Lacks | null): string =>
  lacks === null
    ? ''
    : ` It lacks ${Object.entries(lacks)
        .map(([column, reason]) => `${column} (${reason})`)
        .join(', ')}.`;

function certified(certificate: Certificate): Happening {
  const { depth, fromAt, toAt, verdict, remarks, runId } = certificate;
  const [one] = remarks;
  const but = one === undefined ? '' : `: ${remarks.join('; ')}`;
  return {
    at: certificate.completedAt ?? certificate.issuedAt,
    what: 'certificate',
    sentence: `A census of ${depth} (run ${runId}) covered it between ${time(fromAt)} and ${time(toAt)}: ${verdict}${but}.`,
  };
}

const time = (at: number): string => new Date(at).toISOString();
const lasting = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
