import { afterEach, beforeEach, expect, test } from 'vitest';
import { World } from './world.ts';

/** Pages that Shopify refuses: what it refused by mistake is not left to the next timer, hours away. */
const size = { customers: 12, products: 4, orders: 4 };
const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  world = await World.create({ size });
  await world.mirrored();
});
afterEach(() => world.close());

/** Answers the operation with a refusal: `{"errors": […]}` without data, or another status. */
function refuse(operation: string, answer: () => Response | null) {
  const real = world.simulator.fetch.bind(world.simulator);
  const asked = { times: 0 };
  world.simulator.fetch = async (request) => {
    const isIt = (await request.clone().text()).includes(`"operationName":"${operation}"`);
    if (!isIt) return await real(request);
    asked.times++;
    return answer() ?? (await real(request));
  };
  return asked;
}
const date = () => ({ headers: { date: new Date(world.now).toUTCString() } });
const refusal = () =>
  Response.json({ errors: [{ message: 'no', extensions: { code: 'badQuery' } }] }, date());

test.each(['sweep', 'census'] as const)(
  'a page that Shopify refuses in the first slice of a %s is tried again before the next timer',
  async (kind) => {
    world.courier.faults = { ...world.courier.faults, lost: 1 };
    world.change('customer-edit');
    let refusals = 2;
    refuse(kind === 'sweep' ? 'SweepCustomers' : 'CensusCustomers', () =>
      refusals-- > 0 ? refusal() : null,
    );
    await world.reconcile(kind, ['customers']);
    expect(await world.differences(['customers'])).not.toEqual([]);
    await world.live(5 * MINUTE);
    expect(await world.differences(['customers'])).toEqual([]);
  },
);

test('what stays refused is asked ever later and a few times, and stands on the status', async () => {
  const asked = refuse('SweepCustomers', refusal);
  await world.reconcile('sweep', ['customers']);
  await world.live(10 * MINUTE);
  expect(asked.times).toBeLessThanOrEqual(6);
  await world.live(110 * MINUTE, MINUTE);
  expect(asked.times).toBeLessThanOrEqual(8);
  expect((await world.database.stores())[0]?.settings.attention).toMatch(/refused SweepCustomers/);
});

test('a store that is refused as a whole is not asked again and again', async () => {
  const asked = refuse('SweepCustomers', () =>
    Response.json({ errors: 'frozen' }, { status: 402, ...date() }),
  );
  await world.reconcile('sweep', ['customers']);
  await world.live(30 * MINUTE, MINUTE);
  expect(asked.times).toBe(1);
});

test('a sweep whose second page stays refused is not begun anew at once, again and again', async () => {
  for (const { id } of world.shop.customers.values()) world.edit(id, { note: 'in the window' });
  await world.live(2 * MINUTE);
  world.service = { ...world.service, gate: { enter: (_, work) => work(() => true) } };
  const first = world.simulator.fetch.bind(world.simulator);
  let pages = 0;
  world.simulator.fetch = async (request) => {
    const body = (await request.clone().json()) as { operationName?: string; variables?: { after?: string } };
    if (body.operationName !== 'SweepCustomers') return await first(request);
    pages++;
    if (body.variables?.after) return refusal();
    const answer = (await (await first(request)).json()) as {
      data: { customers: { pageInfo: object } };
    };
    answer.data.customers.pageInfo = { hasNextPage: true, endCursor: `c${pages}` };
    return Response.json(answer, date());
  };
  await world.reconcile('sweep', ['customers']);
  await world.live(60 * MINUTE, MINUTE);
  expect(pages).toBeLessThanOrEqual(20);
});
