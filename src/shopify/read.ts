import { z } from 'zod';
import { decode, type FieldPath } from '../entities/decode.ts';
import type { Entity } from '../entities/entity.ts';
import { NeedsAttention, Reject, Transient } from '../failures.ts';
import { gid } from '../ids.ts';
import type { MirrorRecord } from '../record.ts';
import type { Store } from '../store.ts';
import type { AdminApi, Answer } from './admin.ts';
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
  /** `Table.Column` of everything Shopify withheld in these answers. */
  readonly withheld: readonly string[];
  readonly points: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Whole objects. Throws `TooCostly` when Shopify would have to charge more than one query may cost. */
export async function readKeys(
  api: AdminApi,
  store: Store,
  entity: Entity,
  ids: readonly string[],
  stillMine: () => Promise<boolean> = async () => true,
): Promise<Reads> {
  const scopes = new Set(store.settings.scopes);
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
  const reads = new Map<string, KeyRead>();
  const alive: string[] = [];
  ids.forEach((id, i) => {
    if (isHead(nodes[i])) alive.push(id);
    else reads.set(id, missing(answer, i, nodes[i]));
  });
  return { reads, alive, withheld: [], points: answer.points };
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
  const reads = new Map<string, KeyRead>();
  const withheld = new Set<string>();
  let points = answer.points;
  for (const [i, id] of ids.entries()) {
    const node = nodes[i];
    if (!isHead(node)) {
      reads.set(id, missing(answer, i, node));
      continue;
    }
    if (!(await stillMine())) {
      reads.set(id, { state: 'unfinished', reason: 'its turn was over' });
      continue;
    }
    let drained: Drained;
    try {
      drained = await drain(api, store, entity, node, scopes);
    } catch (error) {
      // One object that cannot be read whole does not stop the others.
      if (!(error instanceof Reject) || error instanceof NeedsAttention) throw error;
      reads.set(id, { state: 'rejected', reason: error.message });
      continue;
    }
    points += drained.points;
    if (drained.node === null) {
      reads.set(id, { state: 'unfinished', reason: 'kept changing while its pages were read' });
      continue;
    }
    const errors = [...under(answer, i), ...drained.errors];
    const decoded = decode(entity, drained.node, { scopes, errors });
    if (!decoded.ok) {
      reads.set(id, { state: 'rejected', reason: decoded.reason });
      continue;
    }
    for (const name of decoded.withheld) withheld.add(name);
    const { record } = decoded;
    // A read that spans several answers is as old as its first request, and as new as its oldest `updatedAt`.
    const { sentAt, answeredAt } = answer;
    reads.set(id, { state: 'live', sentAt, answeredAt, updatedAt: record.updatedAt, record });
  }
  return { reads, withheld: [...withheld], points };
}

const isHead = (node: unknown): node is Json =>
  node !== null && typeof node === 'object' && typeof (node as Json)['id'] === 'string';

/** One for each id, in their order: a list that is cut short would make the rest look absent. */
const nodesOf = (answer: Answer, count: number): readonly unknown[] => {
  const parsed = z.object({ nodes: z.array(z.unknown()).length(count) }).safeParse(answer.data);
  if (!parsed.success) throw new Transient('Shopify answered no whole list of nodes');
  return parsed.data.nodes;
};

const under = (answer: Answer, i: number): readonly FieldPath[] =>
  answer.errors.filter(({ path }) => path[0] === 'nodes' && path[1] === i).map(({ path }) => path.slice(2));

/** Null without an error is an absence; null because of an error is not. */
function missing(answer: Answer, i: number, node: unknown): KeyRead {
  if (node !== null) return { state: 'rejected', reason: 'Shopify answered something that has no id' };
  const refused = answer.errors.find(
    ({ path }) => path[0] === 'nodes' && (path[1] === i || path.length === 1),
  );
  if (refused === undefined && answer.errors.every(({ path }) => path.length > 0))
    return { state: 'absent', sentAt: answer.sentAt };
  return {
    state: 'rejected',
    reason: `Shopify refused the object (${refused?.code ?? 'error without a path'}): grant the app the scopes it asks for`,
  };
}
