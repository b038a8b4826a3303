import { Random } from '../../simulator/random.ts';
import { PLANNED, type Planned } from './faults.ts';
import type { Plan } from './plan.ts';
import { Writer } from './writer.ts';

/** A random plan from a seed: a tiny world, at most six kinds of faults, and phrases of steps that go together. */
const FAULT_KINDS_MAX = 6;
/** More than the brake lets go of at once; they fit on one page. */
const CROWD = 130;
const [CHANGES_MIN, CHANGES_MAX] = [22, 41];

/** What finds most holes is on more often. */
const DRAWN: readonly Planned[] = [
  ...PLANNED,
  ...(['lost', 'lost', 'lost', 'lost', 'lost', 'lost', 'indexLag', 'indexLag'] as const),
  ...(['replicaLag', 'replicaLag', 'replicaLag', 'replicaLag', 'replicaLag', 'replicaLag'] as const),
  ...(['paused', 'paused', 'paused', 'crash', 'crash', 'crash', 'databaseBefore', 'databaseAfter'] as const),
];

/** `among` narrows what is drawn, to look for what one kind of fault breaks. */
export function generate(seed: number, among: readonly Planned[] = DRAWN): Plan {
  const random = new Random(`plan/${seed}`);
  const faults = new Set<Planned>();
  const kinds = Math.min(random.between(1, FAULT_KINDS_MAX), new Set(among).size);
  while (faults.size < kinds) faults.add(random.pick(among));
  // A crowd costs as much as three other runs.
  if (faults.size > 1 && random.chance(0.6)) faults.delete('brakeHeld');
  const writer = new Writer(random, faults);
  const wanted = random.between(CHANGES_MIN, CHANGES_MAX);
  while (writer.changes < wanted) writer.phrase();
  const isCrowded = faults.has('brakeHeld');
  return {
    seed,
    size: {
      customers: random.between(2, 8),
      products: random.between(1, 4),
      orders: random.between(2, 8),
    },
    ...(isCrowded && { crowd: CROWD }),
    agedDays: random.pick([1, 1, 1, 100]),
    mirrored: random.chance(0.6),
    shopifyAheadMs: random.pick([0, 0, 0, 7_300, -90_400, 400_000]),
    secondAheadMs: random.pick([0, 0, 0, 1_700, -8_000]),
    pageSize: isCrowded ? null : random.pick([null, null, 1, 2, 3]),
    steps: writer.steps,
  };
}
