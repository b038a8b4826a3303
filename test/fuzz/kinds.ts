import { type Attempt, type Ground, signed, unsigned } from './attempt.ts';
import { BODIES } from './bodies.ts';
import { HEADERS } from './headers.ts';

/** Every way to spoil a delivery, by name. Bodies come signed, as only Shopify could send them, and not. */
export const KINDS: ReadonlyMap<string, (ground: Ground) => Attempt> = new Map([
  ...Object.entries(BODIES).flatMap(([name, spoil]) => [
    made(`body: ${name}`, (ground, original) => unsigned(original, spoil(ground.random, original.body))),
    made(`body: ${name}, signed`, (ground, original) =>
      signed(ground, original, spoil(ground.random, original.body)),
    ),
  ]),
  ...Object.entries(HEADERS).map(([name, spoil]) => made(`headers: ${name}`, spoil)),
]);
const NAMES = [...KINDS.keys()];

/** The next one: a delivery of a random topic, spoiled in a random way. */
export const nextAttempt = (ground: Ground): Attempt => KINDS.get(ground.random.pick(NAMES))!(ground);

function made(
  kind: string,
  spoil: (ground: Ground, original: Ground['originals'][number]) => Omit<Attempt, 'kind'>,
): [string, (ground: Ground) => Attempt] {
  return [kind, (ground) => ({ kind, ...spoil(ground, ground.random.pick(ground.originals)) })];
}
