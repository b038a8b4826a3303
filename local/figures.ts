import { tablesOf } from '../src/entities/entity.ts';
import { ENTITY_NAMES, type EntityName, entityOf } from '../src/entities/registry.ts';
import type { StoreStatus } from '../src/store.ts';
import { rowsOf, type Sizes } from './phase.ts';
import type { Paint } from './screen.ts';

/** The figures of one store as lines of text. */
export interface StoreView {
  readonly domain: string;
  readonly status: StoreStatus;
  readonly sizes: Sizes;
  /** Entities that the app may not read; they stay as they are. */
  readonly closed: readonly EntityName[];
  /** What the operator has to see to. */
  readonly attention: readonly string[];
}

const BAR = 30;
const LABEL = 12;

/** While a store is mirrored for the first time: how far each entity is. */
export const mirroring = (view: StoreView, elapsedMs: number, paint: Paint): readonly string[] => [
  `${paint('bold', view.domain)}  mirroring for the first time, ${Math.round(elapsedMs / 1_000)} s`,
  '',
  ...ENTITY_NAMES.map((name) => row(name, bar(view, name, paint), paint)),
  '',
  ...troubles(view, paint),
];

/** Once it is mirrored: how true it is, and what that costs. */
export function living(view: StoreView, paint: Paint): readonly string[] {
  const { status } = view;
  const held = status.marksHeld === 0 ? '' : `, ${count(status.marksHeld)} more held by the brake`;
  return [
    `${paint('bold', view.domain)}  ${paint('green', 'living')}`,
    '',
    ...ENTITY_NAMES.map((name) => row(name, mirroredRows(view, name, paint), paint)),
    '',
    row(
      'freshness',
      `p50 ${seconds(status.lagP50Ms)}   p99 ${seconds(status.lagP99Ms)}   ${paint('dim', `from change to row, ${count(status.deliveries)} webhooks`)}`,
      paint,
    ),
    row(
      'stale',
      `${count(status.marksWaiting)} marks waiting${held}   ${paint('dim', 'to be read, or read again after SETTLE')}`,
      paint,
    ),
    row(
      'gaps',
      `${count(status.gapsFound)} found, ${count(status.gapsHealed)} healed   ${paint('dim', `changes that no webhook announced${lostToday(status)}`)}`,
      paint,
    ),
    ...privacy(status, paint),
    row('cost', `${count(Math.round(status.points))} points of the API budget spent`, paint),
    ...troubles(view, paint),
  ];
}

/** Only while something is open: most stores never see a request. */
const privacy = ({ privacy: { open, nextDueAt } }: StoreStatus, paint: Paint): readonly string[] =>
  nextDueAt === null
    ? []
    : [
        row(
          'privacy',
          `${count(open)} requests open, the next due by ${new Date(nextDueAt).toISOString().slice(0, 10)}`,
          paint,
        ),
      ];

/** At least so many, for one gap may stand for several deliveries. */
function lostToday({ topics }: StoreStatus): string {
  const lost = topics.reduce((sum, topic) => sum + topic.lost, 0);
  const all = topics.reduce((sum, topic) => sum + topic.delivered + topic.lost, 0);
  return lost === 0 ? '' : `, ${((100 * lost) / all).toFixed(1)} % of all in a day`;
}

/** One of several stores, in a line. */
export function brief(view: StoreView, phase: string, paint: Paint): string {
  const { status } = view;
  const rows = ENTITY_NAMES.map((name) => `${count(rowsOf(view.status, name))} ${name}`).join(', ');
  const state = view.attention.length > 0 ? paint('red', 'needs attention') : phase;
  return `${paint('bold', view.domain)}  ${state}: ${rows}; p99 ${seconds(status.lagP99Ms)}, ${count(status.marksWaiting)} stale, ${count(status.gapsFound - status.gapsHealed)} gaps open`;
}

const row = (label: string, text: string, paint: Paint): string =>
  `  ${paint('dim', label.padEnd(LABEL))}${text}`;

function bar(view: StoreView, name: EntityName, paint: Paint): string {
  if (view.closed.includes(name)) return noAccess(name, paint);
  const rows = rowsOf(view.status, name);
  const size = view.sizes[name];
  if (size === undefined) return count(rows);
  const all = Math.max(size, rows);
  const filled = all === 0 ? BAR : Math.floor((rows / all) * BAR);
  const drawn = paint('cyan', '█'.repeat(filled)) + paint('dim', '░'.repeat(BAR - filled));
  return `${drawn} ${count(rows).padStart(count(all).length)} of ${count(all)}`;
}

function mirroredRows(view: StoreView, name: EntityName, paint: Paint): string {
  if (view.closed.includes(name)) return noAccess(name, paint);
  const [, ...parts] = tablesOf(entityOf(name));
  const from = view.status.coverageFrom[name];
  const since = from === undefined ? [] : [`since ${new Date(from).toISOString().slice(0, 10)} only`];
  const inside = parts.map((table) => `${count(view.status.rows[table] ?? 0)} ${spoken(table)}`);
  return `${count(rowsOf(view.status, name)).padStart(9)}   ${paint('dim', [...inside, ...since].join(', '))}`;
}

const noAccess = (name: EntityName, paint: Paint): string =>
  paint('yellow', `not mirrored: the app has no ${entityOf(name).scope}`);

const troubles = ({ attention, status }: StoreView, paint: Paint): readonly string[] => [
  ...(status.rejects === 0
    ? []
    : [
        row(
          'rejects',
          paint('yellow', `${count(status.rejects)} records parked, see the table Rejects`),
          paint,
        ),
      ]),
  ...attention.map((text) => row('attention', paint('red', text), paint)),
];

/** `OrderItems` → `order items`. */
const spoken = (table: string): string =>
  table.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();

export const count = (n: number): string => n.toLocaleString('en');
const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(2)} s`);
