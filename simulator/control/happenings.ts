/** Making things happen in a shop: one change, many, or without end. */
import { z } from 'zod';
import { type Change, change, ImpossibleChange, type What, whats } from '../changes.ts';
import { changing } from '../pace.ts';
import { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import { json, lines } from './answer.ts';

const WhatBody = z.enum(whats);
const Seed = z.union([z.number(), z.string()]);

const Many = z.strictObject({
  count: z.number().int().positive().max(1_000_000),
  perSecond: z.number().positive().max(10_000).optional(),
  seed: Seed.optional(),
  what: WhatBody.optional(),
});

/** At once, answered as a list; or at a pace, answered line by line as they happen. */
export function changeMany(shop: Shop, body: unknown): Response {
  const { count, perSecond, seed, what } = Many.parse(body);
  const random = randomOf(shop, seed);
  const wish = what ? { what } : {};
  if (perSecond !== undefined) return lines(changing(shop, random, { count, perSecond, ...wish }));
  const made: Change[] = [];
  for (let index = 0; index < count; index += 1) made.push(change(shop, random, wish));
  return json(made);
}

const One = z.strictObject({
  what: WhatBody.optional(),
  id: z.string().regex(/^\d+$/, 'must be a decimal Shopify id').optional(),
  seed: Seed.optional(),
});

export function changeOne(shop: Shop, body: unknown): Response {
  const { what, id, seed } = One.parse(body);
  if (id !== undefined && what === undefined)
    throw new ImpossibleChange('With an id, say what shall happen to it.');
  const gid = what && id !== undefined ? `gid://shopify/${typeOf(what)}/${id}` : undefined;
  return json(change(shop, randomOf(shop, seed), { ...(what && { what }), ...(gid && { gid }) }));
}

function typeOf(what: What): string {
  const [kind] = what.split('-');
  return kind === 'customer' ? 'Customer' : kind === 'product' ? 'Product' : 'Order';
}

const Live = z.strictObject({ changesPerSecond: z.number().min(0).max(10_000), seed: Seed.optional() });
const running = new WeakMap<Shop, AbortController>();

/** Replaces what was running before; 0 only stops it. */
export function live(shop: Shop, body: unknown): Response {
  const { changesPerSecond, seed } = Live.parse(body);
  startLive(shop, changesPerSecond, seed);
  return json({ changesPerSecond });
}

export function startLive(shop: Shop, changesPerSecond: number, seed?: number | string): void {
  running.get(shop)?.abort();
  running.delete(shop);
  if (changesPerSecond === 0) return;
  const stop = new AbortController();
  running.set(shop, stop);
  const pace = { perSecond: changesPerSecond, count: Infinity, signal: stop.signal };
  run(shop, randomOf(shop, seed), pace).catch((error: unknown) => {
    console.error(`The live changes of ${shop.profile.domain} stopped:`, error);
  });
}

async function run(shop: Shop, random: Random, pace: Parameters<typeof changing>[2]): Promise<void> {
  const changes = changing(shop, random, pace);
  while (!(await changes.next()).done);
}

/** Chance that goes on from one request, and one start of the shop, to the next, for whoever names no seed. */
const ongoing = new WeakMap<Shop, Random>();

function randomOf(shop: Shop, seed: number | string | undefined): Random {
  if (seed !== undefined) return new Random(`${seed}/changes/${shop.profile.domain}`);
  const random = ongoing.get(shop) ?? new Random(`changes/${shop.profile.domain}/${shop.idsDrawn}`);
  ongoing.set(shop, random);
  return random;
}
