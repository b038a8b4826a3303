/** One trial in a directory of its own, its claims, and its figures. */
import { expect, onTestFinished } from 'vitest';
import type { PopulationSize } from '../../simulator/population.ts';
import { Random } from '../../simulator/random.ts';
import { directory, freePort } from '../start-process.ts';
import { Shopify } from './shopify.ts';
import { type Outcome, Trial, type TrialOptions } from './trial.ts';
import { openTrialDatabase } from './trial-database.ts';

export interface TriedOptions
  extends Omit<TrialOptions, 'shopify' | 'dataDir' | 'database' | 'ports' | 'random'> {
  readonly size: Omit<PopulationSize, 'seed'>;
  readonly seed: number;
  readonly hosts: number;
}

type Tried = Outcome & { readonly shopify: Shopify['figures']; readonly seconds: number };

/** A server takes leave of the dead, and of a database, in its own time. */
const CLOSE_LIMIT_MS = 60_000;

/**
 * What Shopify changes without moving `updatedAt` of the object: when its delivery is lost, or there is none, only
 * reading everything again finds it (R1). A line of an order loses its product or variant when that is deleted, an
 * order gets another customer when its own is merged.
 */
const SILENT = new RegExp(
  [
    String.raw`^Customers/\d+\.(Tags|TotalSpent|TotalOrders|LastOrderDate|LastShopifyOrderId|Accepts\w+)`,
    String.raw`^ProductVariants/\d+\.UnitCost`,
    String.raw`^Orders/\d+\.(ShopifyCustomerId|CustomerId)`,
    String.raw`^OrderItems/\d+\.(ShopifyProductId|ShopifyVariantId|ProductId|ProductHandle|ProductType)`,
  ].join('|'),
);

/** Runs it, and claims what must hold however it went. */
export async function tried({ size, seed, hosts, ...options }: TriedOptions): Promise<Tried> {
  const startedAt = performance.now();
  const dataDir = directory();
  const database = await openTrialDatabase(dataDir);
  onTestFinished(() => database.close(), CLOSE_LIMIT_MS);
  const shopify = await Shopify.open(database.domain, size, seed);
  onTestFinished(() => shopify.close());
  const ports: number[] = [];
  while (ports.length < hosts) ports.push(await freePort());
  const random = new Random(`${seed}/victims`);
  const trial = new Trial({ ...options, shopify, dataDir, database, ports, random });
  onTestFinished(() => trial.end());
  const outcome = await trial.run();
  expect(outcome.effects.broken).toEqual([]);
  expect(outcome.wentBack).toEqual([]);
  expect(outcome.differences.census.filter((where) => !SILENT.test(where))).toEqual([]);
  expect(outcome.differences.content).toEqual([]);
  expect(outcome.poisoned).toEqual([]);
  expect(outcome.damage).toEqual([]);
  expect(outcome.alive).toEqual([]);
  expect(outcome.errors).toEqual([]);
  // Each host had a part in it.
  expect(new Set(shopify.answered.map(({ url }) => url)).size).toBe(hosts);
  return { ...outcome, shopify: shopify.figures, seconds: (performance.now() - startedAt) / 1_000 };
}

export function report(tried: Tried): void {
  const { kills, starts, deaths, effects, differences, objects, rowsCompared, seconds } = tried;
  const { broken, compared, ...ends } = effects;
  const left = Object.entries(differences).map(([after, where]) => `${where.length} after ${after}`);
  console.log(
    [
      `${kills} kills, ${starts} starts, ${seconds.toFixed(1)} s; killed within: ${list(deaths)}`,
      `shop: ${objects} objects, ${list(tried.shopify)}`,
      `answered 2xx: ${list(ends)}; versions compared: ${compared}; broken: ${broken.length}`,
      `rows compared from death to death: ${rowsCompared}; differences: ${left.join(', ')}`,
    ].join('\n'),
  );
}

const list = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
