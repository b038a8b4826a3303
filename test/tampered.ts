import type { World } from './world.ts';

/** A Shopify that answers wrongly: the data of single operations is changed on its way. */
export interface Tampered {
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered, to be spoiled.
  readonly data: any;
  /** Which answer of this operation it is, from 1 on. */
  readonly nth: number;
}

export interface Tampering {
  /** Requests by operation, tampered with or not. */
  readonly requests: ReadonlyMap<string, number>;
  end(): void;
}

/** `spoil` changes the answer's data in place; `headers` are added to every answer. */
export function tamper(
  { simulator }: World,
  spoil: (answer: Tampered) => void,
  headers: (operation: string) => Readonly<Record<string, string>> = () => ({}),
): Tampering {
  const real = simulator.fetch.bind(simulator);
  const requests = new Map<string, number>();
  simulator.fetch = async (request) => {
    if (!request.url.endsWith('graphql.json')) return await real(request);
    const asked = (await request.clone().json()) as {
      operationName: string;
      variables: Readonly<Record<string, unknown>>;
    };
    const { operationName: operation, variables } = asked;
    const nth = (requests.get(operation) ?? 0) + 1;
    requests.set(operation, nth);
    const response = await real(request);
    const body = (await response.json()) as { data?: unknown };
    if (body.data) spoil({ operation, variables, data: body.data, nth });
    const all = new Headers(response.headers);
    for (const [name, value] of Object.entries(headers(operation))) all.set(name, value);
    return new Response(JSON.stringify(body), { status: response.status, headers: all });
  };
  return {
    requests,
    end: () => {
      simulator.fetch = real;
    },
  };
}
