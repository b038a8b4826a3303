import { z } from 'zod';
import { rivals } from '../entities/child-keys.ts';
import { decode } from '../entities/decode.ts';
import type { Entity } from '../entities/entity.ts';
import { type ReadObject, type Telling, tellingsOf } from '../entities/telling.ts';
import { cutAtNulls, type Json, type Withholding } from '../entities/withholding.ts';
import { NeedsAttention, Reject, Transient } from '../failures.ts';
import { gid } from '../ids.ts';
import type { MirrorRecord } from '../record.ts';
import type { Store } from '../store.ts';
import type { AdminApi, Answer } from './admin.ts';
import { errorsByNode, PLACELESS } from './answered.ts';
import { readHeads, readObjects } from './documents.ts';
import { type Drained, drain } from './drain.ts';
import { assertShop } from './shop.ts';

/**
 * Reading keys by id: the only way anything gets into the mirror. Every key that was asked for gets exactly one
 * answer. "Absent" is only said when Shopify said null without any error for that key; whatever was withheld or
 * failed is never an absence (R9, R10).
 */
export type KeyRead =
  | {
      readonly state: 'live';
      readonly sentAt: number;
      readonly answeredAt: number;
      readonly updatedAt: number;
      readonly record: MirrorRecord;
    }
  | { readonly state: 'absent'; readonly sentAt: number }
  /** This record cannot be decoded or may not be read: it is parked. */
  | { readonly state: 'rejected'; readonly reason: string }
  /** The read could not be finished consistently; it is tried again later. */
  | { readonly state: 'unfinished'; readonly reason: string };

export interface Reads {
  readonly reads: ReadonlyMap<string, KeyRead>;
  /** What the answer says of the columns that were denied in it, or are known as denied. */
  readonly tellings?: readonly Telling[];
  readonly points: number;
}

/** Whole objects. Throws `TooCostly` when Shopify would have to charge more than one query may cost. */
export async function readKeys(
  api: AdminApi,
  store: Store,
  entity: Entity,
  ids: readonly string[],
  stillMine: () => Promise<boolean> = async () => true,
): Promise<Reads> {
  const scopes = new Set([...store.settings.scopes, ...store.settings.fields]);
  const answer = await api.query(readObjects(entity, scopes), { ids: ids.map((id) => gid(entity.type, id)) });
  return await interpret(api, store, entity, ids, answer, scopes, stillMine);
}

/** Which of the keys are absent, by the cheap head query; the others are to be read whole. */
export async function lookForKeys(
  api: AdminApi,
  store: Store,
  entity: Entity,
  ids: readonly string[],
): Promise<Reads & { readonly alive: readonly string[] }> {
  const answer = await api.query(readHeads(entity), { ids: ids.map((id) => gid(entity.type, id)) });
  assertShop(answer, store);
  const nodes = nodesOf(answer, ids.length);
  const errors = errorsByNode(answer, ids.length);
  const reads = new Map<string, KeyRead>();
  const alive: string[] = [];
  const sound = everyNodeIsInItsPlace(entity, ids, nodes);
  ids.forEach((id, i) => {
    const node = nodes[i];
    if (!isHead(node)) reads.set(id, errors === null ? PROVES_NOTHING : missing(answer, i, node, sound));
    // Whoever is alive is read whole by another query, whatever stood beside this one.
    else if (isOf(entity, id, node)) alive.push(id);
    else reads.set(id, FOREIGN);
  });
  return { reads, alive, points: answer.points };
}

async function interpret(
  api: AdminApi,
  store: Store,
  entity: Entity,
  ids: readonly string[],
  answer: Answer,
  scopes: ReadonlySet<string>,
  stillMine: () => Promise<boolean>,
): Promise<Reads> {
  assertShop(answer, store);
  const nodes = nodesOf(answer, ids.length);
  const errors = errorsByNode(answer, ids.length);
  if (errors === null)
    return { reads: new Map(ids.map((id) => [id, PROVES_NOTHING])), points: answer.points };
  const reads = new Map<string, KeyRead>();
  const objects: ReadObject[] = [];
  let points = answer.points;
  const sound = everyNodeIsInItsPlace(entity, ids, nodes);
  for (const [i, id] of ids.entries()) {
    const node = nodes[i];
    if (!isHead(node)) {
      reads.set(id, missing(answer, i, node, sound));
      continue;
    }
    if (!isOf(entity, id, node)) {
      reads.set(id, FOREIGN);
      continue;
    }
    if (!(await stillMine())) {
      reads.set(id, { state: 'unfinished', reason: 'its turn was over' });
      continue;
    }
    const whole = await readWhole(api, store, entity, node, { scopes, errors: errors.get(i) ?? [] });
    points += whole.points;
    if (whole.state === 'decoded') objects.push(whole);
    reads.set(id, whole.state === 'decoded' ? liveRead(whole.record, answer) : whole);
  }
  parkRivals(reads);
  return { reads, points, tellings: tellingsOf(entity, objects, Object.keys(store.settings.denied)) };
}

/** A read that spans several answers is as old as its first request, and as new as its oldest `updatedAt`. */
const liveRead = (record: MirrorRecord, { sentAt, answeredAt }: Answer): KeyRead => ({
  state: 'live',
  sentAt,
  answeredAt,
  updatedAt: record.updatedAt,
  record,
});

type WholeRead = { readonly points: number } & (
  | ({ readonly state: 'decoded' } & ReadObject)
  | { readonly state: 'rejected' | 'unfinished'; readonly reason: string }
);

/** One object with all its lists, decoded. */
async function readWhole(
  api: AdminApi,
  store: Store,
  entity: Entity,
  node: Json,
  { scopes, errors }: Withholding,
): Promise<WholeRead> {
  let drained: Drained;
  try {
    drained = await drain(api, store, entity, node, scopes);
  } catch (error) {
    // One object that cannot be read whole does not stop the others.
    if (!(error instanceof Reject) || error instanceof NeedsAttention) throw error;
    return { state: 'rejected', reason: error.message, points: 0 };
  }
  if (drained.state === 'unfinished') return drained;
  const withholding = { scopes, errors: [...errors, ...drained.errors] };
  const decoded = decode(entity, drained.node, withholding);
  if (decoded.state !== 'decoded') return { ...decoded, points: drained.points };
  return { ...drained, ...decoded, withholding: cutAtNulls(drained.node, withholding) };
}

/** It may be about any of the keys: each is read again. */
const PROVES_NOTHING: KeyRead = { state: 'unfinished', reason: PLACELESS };

/** A child that moves is listed by one object after the other, not by two at once: neither of the two is written. */
function parkRivals(reads: Map<string, KeyRead>): void {
  const live = [...reads].flatMap(([id, read]) =>
    read.state === 'live' ? [[id, read.record.children] as const] : [],
  );
  for (const [id, key] of rivals(live))
    reads.set(id, { state: 'rejected', reason: `Shopify answered ${key} below two objects at once` });
}

const isHead = (node: unknown): node is Json =>
  node !== null && typeof node === 'object' && typeof (node as Json)['id'] === 'string';

/** A node says itself which object it is: its place in the list does not. */
const isOf = ({ type }: Entity, id: string, node: Json): boolean => node['id'] === gid(type, id);

const FOREIGN: KeyRead = { state: 'unfinished', reason: 'Shopify answered another object in its place' };

/** Where one node stands in another's place the list may have slipped: a null then need not be that of its key. */
const everyNodeIsInItsPlace = (entity: Entity, ids: readonly string[], nodes: readonly unknown[]): boolean =>
  ids.every((id, i) => !isHead(nodes[i]) || isOf(entity, id, nodes[i]));

/** One for each id, in their order: a list that is cut short would make the rest look absent. */
const nodesOf = (answer: Answer, count: number): readonly unknown[] => {
  const parsed = z.object({ nodes: z.array(z.unknown()).length(count) }).safeParse(answer.data);
  if (!parsed.success) throw new Transient('Shopify answered no whole list of nodes');
  return parsed.data.nodes;
};

/** Null without an error is an absence; null because of an error is not. */
function missing(answer: Answer, i: number, node: unknown, sound: boolean): KeyRead {
  if (node === null && !sound)
    return { state: 'unfinished', reason: 'Shopify answered objects in the place of others' };
  if (node !== null) return { state: 'rejected', reason: 'Shopify answered something that has no id' };
  const refused = answer.errors.find(({ path }) => path[1] === i);
  if (refused === undefined) return { state: 'absent', sentAt: answer.sentAt };
  return {
    state: 'rejected',
    reason: `Shopify refused the object (${refused.code || 'no code'}): grant the app the scopes it asks for`,
  };
}
