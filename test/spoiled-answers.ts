import type { World } from './world.ts';

/** Answers of the simulated Shopify, changed on their way to us: what no fault of its own makes of them. */
export type Json = Record<string, unknown>;

export interface Answered {
  /** The name of the query. */
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** To be changed in place. */
  readonly data: Json;
  readonly errors: Json[];
}

export type Spoil = (answer: Answered) => void;

/** Every answer that has data goes through `spoil` until it is set to null. */
export function spoiling(world: World): { spoil: Spoil | null } {
  const spoiled: { spoil: Spoil | null } = { spoil: null };
  const real = world.simulator.fetch.bind(world.simulator);
  world.simulator.fetch = async (request) => {
    const asked = request.method === 'POST' ? await request.clone().text() : '';
    const response = await real(request);
    if (spoiled.spoil === null || !asked.includes('operationName')) return response;
    const { operationName, variables } = JSON.parse(asked) as { operationName: string; variables: Json };
    const body = (await response.json()) as Json;
    const errors = (body['errors'] as Json[] | undefined) ?? [];
    const data = body['data'] as Json | null;
    if (data) spoiled.spoil({ operation: operationName, variables, data, errors });
    const changed = errors.length > 0 ? { ...body, errors } : body;
    return new Response(JSON.stringify(changed), { status: response.status, headers: response.headers });
  };
  return spoiled;
}

/** The answered nodes, with their places. */
export const nodesOf = ({ data }: Answered): readonly (readonly [number, Json])[] =>
  ((data['nodes'] as (Json | null)[] | undefined) ?? []).flatMap((node, i) => (node ? [[i, node]] : []));

export const errorAt = (path: readonly (string | number)[] | undefined, code?: string): Json => ({
  message: 'said by the test',
  ...(path && { path }),
  ...(code && { extensions: { code } }),
});

/** Answers null and an error for one field of one object. */
export const refuseField =
  (gid: string, field: string, code?: string): Spoil =>
  (answer) => {
    for (const [i, node] of nodesOf(answer)) {
      if (node['id'] !== gid || !(field in node)) continue;
      node[field] = null;
      answer.errors.push(errorAt(['nodes', i, field], code));
    }
  };
