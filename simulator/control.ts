/**
 * The control door of the simulator, `/sim/…`: look at the truth, make things happen, make things go wrong.
 * It is for tests, benchmarks and demonstrations; Shopify has nothing like it.
 *
 *     POST /sim/shops                                  add a shop, with a population if wished
 *     GET  /sim/{domain}/truth/{kind}?after=&first=    the rows a mirror must hold, one JSON a line; &raw=1 objects
 *     GET  /sim/{domain}/changes?since=                the log of changes from that index on
 *     POST /sim/{domain}/changes                       {count, perSecond?, seed?, what?}: many changes
 *     POST /sim/{domain}/change                        {what, id?, seed?}: one change, of this object
 *     POST /sim/{domain}/live                          {changesPerSecond}: changes without end; 0 stops
 *     POST /sim/{domain}/faults                        {webhooks?, api?, consistency?, withheld?, webhookVersion?, scopes?}
 *     POST /sim/{domain}/installation                  {installed}: the app is uninstalled, or installed again
 *     POST /sim/{domain}/privacy                       {ask, customer?, forget?, uri?}: the app is asked by webhook
 *     POST /sim/{domain}/pump                          send the webhooks that are due
 *     GET  /sim/{domain}/stats                         counts of everything
 */
import { z } from 'zod';
import { changesOf, ImpossibleChange } from './changes.ts';
import { BadRequest, json } from './control/answer.ts';
import { setFaults } from './control/faults.ts';
import { changeMany, changeOne, live } from './control/happenings.ts';
import { setInstallation } from './control/installation.ts';
import { askApp } from './control/privacy.ts';
import { addShop } from './control/shops.ts';
import { stats } from './control/stats.ts';
import { truth } from './control/truth.ts';
import type { Shop } from './shop.ts';
import type { Simulator } from './simulator.ts';

interface Call {
  readonly simulator: Simulator;
  readonly shop: Shop;
  /** What follows the action in the path. */
  readonly rest: string | undefined;
  readonly query: URLSearchParams;
  /** The parsed JSON body; `{}` when there is none. */
  readonly body: unknown;
}

type Action = (call: Call) => Response | Promise<Response>;

const actions: Readonly<Record<string, Action>> = {
  'GET truth': ({ shop, rest, query }) => truth(shop, rest, query),
  'GET changes': ({ shop, query }) => json(changesOf(shop).slice(sinceOf(query))),
  'POST changes': ({ shop, body }) => changeMany(shop, body),
  'POST change': ({ shop, body }) => changeOne(shop, body),
  'POST live': ({ shop, body }) => live(shop, body),
  'POST faults': ({ shop, body }) => setFaults(shop, body),
  'POST installation': ({ shop, body }) => setInstallation(shop, body),
  'POST privacy': ({ shop, body }) => askApp(shop, body),
  'POST pump': async ({ simulator, shop }) => {
    await shop.courier.pump();
    return stats(simulator, shop);
  },
  'GET stats': ({ simulator, shop }) => stats(simulator, shop),
};

/** Answers 400 or 404 with `{error}` to what it does not understand; other errors are bugs and are thrown. */
export async function control(simulator: Simulator, request: Request): Promise<Response> {
  try {
    return await route(simulator, request);
  } catch (error) {
    if (error instanceof z.ZodError) return json({ error: z.prettifyError(error) }, 400);
    if (error instanceof BadRequest || error instanceof ImpossibleChange)
      return json({ error: error.message }, 400);
    throw error;
  }
}

async function route(simulator: Simulator, request: Request): Promise<Response> {
  const { pathname, searchParams: query } = new URL(request.url);
  const [domain = '', action = '', rest] = pathname.split('/').slice(2);
  if (domain === 'shops' && request.method === 'POST') return addShop(simulator, await bodyOf(request));
  const shop = simulator.shops.get(domain);
  if (!shop)
    return json(
      { error: `There is no shop "${domain}". There are: ${[...simulator.shops.keys()].join(', ')}.` },
      404,
    );
  const act = actions[`${request.method} ${action}`];
  if (!act)
    return json(
      { error: `There is no ${request.method} ${pathname}. There are: ${Object.keys(actions).join(', ')}.` },
      404,
    );
  return await act({ simulator, shop, rest, query, body: await bodyOf(request) });
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadRequest('The body is not JSON.', { cause });
  }
}

function sinceOf(query: URLSearchParams): number {
  return z.coerce
    .number()
    .int()
    .min(0)
    .parse(query.get('since') ?? 0);
}
