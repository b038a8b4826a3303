/** A simulated shop under a clock that only the test moves, and the smallest objects to put into it. */
import { expect } from 'vitest';
import type { ShopOptions } from '../simulator/shop.ts';
import { createSimulator, type SimulatorOptions } from '../simulator/simulator.ts';

export const START = Date.parse('2026-11-20T12:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Answer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions: { readonly cost: Cost };
}

interface Cost {
  readonly requestedQueryCost: number;
  readonly actualQueryCost: number | null;
  readonly throttleStatus: {
    readonly maximumAvailable: number;
    readonly currentlyAvailable: number;
    readonly restoreRate: number;
  };
}

export function world(shopOptions: Partial<ShopOptions> = {}, options: SimulatorOptions = {}) {
  const clock = { now: START };
  const simulator = createSimulator({ clock: () => clock.now, ...options });
  const shop = simulator.addShop({ domain: 'tea.myshopify.com', ...shopOptions });
  const post = (path: string, body: unknown, token: string | null = shop.installation.accessToken) =>
    simulator.fetch(
      new Request(`http://localhost/tea.myshopify.com/admin/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token ? { 'x-shopify-access-token': token } : {}),
        },
        body: JSON.stringify(body),
      }),
    );
  const ask = async (query: string, variables: object = {}): Promise<Answer> => {
    const response = await post('api/2026-10/graphql.json', { query, variables });
    expect(response.status).toBe(200);
    return (await response.json()) as Answer;
  };
  return { simulator, shop, clock, post, ask };
}

/** The decimal ids of a connection's nodes. */
export const idsOf = ({ data, errors }: Answer, connection = 'customers'): string[] => {
  expect(errors).toBeUndefined();
  const { nodes } = data[connection] as { nodes: { id: string }[] };
  return nodes.map(({ id }) => id.slice(id.lastIndexOf('/') + 1));
};

export const codesOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']);
