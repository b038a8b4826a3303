/** Real stores mirrored as `npm start` does, but in this process: what is said, and why it was refused. */
import { afterAll, onTestFinished } from 'vitest';
import { DEMO_DEFAULTS } from '../local/demo.ts';
import type { DriftlessOptions } from '../local/driftless.ts';
import { realStores } from '../local/realStores.ts';
import type { Paint } from '../local/screen.ts';
import type { SimulatedShop } from '../local/simulated.ts';
import { DEFAULT_SCOPES } from '../simulator/shop.ts';
import type { Environment } from '../src/config.ts';
import { Reject } from '../src/failures.ts';
import { directory, shopApart } from './start-process.ts';

export const STORE = { SHOPIFY_SHOP: 'a.myshopify.com', SHOPIFY_ACCESS_TOKEN: 'shpat_1' };

/** `ended` resolves with the reason of the refusal, or nothing. */
export function startHere(env: Environment, data = directory()) {
  const said: string[] = [];
  const screen = { say: (line: string) => said.push(line), show() {}, close() {}, paint: plain };
  const log: DriftlessOptions['log'] = () => (line) => {
    if (line.level !== 'Information') said.push(line.message);
  };
  const stopping = new AbortController();
  const options = { ...DEMO_DEFAULTS, once: undefined, demo: undefined, data };
  const session = { options, screen, log, told: {}, signal: stopping.signal };
  const ended = realStores(session, { PORT: '0', ...env }).then(
    () => '',
    (error: unknown) => {
      if (error instanceof Reject) return error.message;
      throw error;
    },
  );
  onTestFinished(async () => {
    stopping.abort();
    await ended;
  });
  return { said, ended, stop: () => stopping.abort() };
}

/** One shop for whoever needs one, with these scopes granted. It outlives every start, as a real one does. */
let shopOfAll: Promise<SimulatedShop> | undefined;
export async function anybodys(scopes: readonly string[] = DEFAULT_SCOPES): Promise<SimulatedShop> {
  shopOfAll ??= shopApart();
  const shop = await shopOfAll;
  await shop.setFaults({ scopes });
  return shop;
}
afterAll(async () => (await shopOfAll)?.stop());

const plain: Paint = (_, text) => text;
