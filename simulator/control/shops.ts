import { z } from 'zod';
import { populate } from '../population.ts';
import type { Shop } from '../shop.ts';
import type { Simulator } from '../simulator.ts';
import { BadRequest, json } from './answer.ts';

const count = z.number().int().min(0).max(5_000_000).default(0);

const Body = z.strictObject({
  domain: z.string().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, 'must end in .myshopify.com'),
  name: z.string().exactOptional(),
  plan: z.enum(['standard', 'advanced', 'plus', 'enterprise']).exactOptional(),
  currencyCode: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('JPY'),
  ianaTimezone: z.string().default('Asia/Tokyo'),
  timezoneOffsetMinutes: z.number().int().default(540),
  installation: z
    .strictObject({
      clientId: z.string().exactOptional(),
      clientSecret: z.string().exactOptional(),
      accessToken: z.string().nullable().exactOptional(),
      scopes: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
  mixedIdLengths: z.boolean().exactOptional(),
  filledAt: z.number().exactOptional(),
  population: z
    .strictObject({ seed: z.number().default(1), customers: count, products: count, orders: count })
    .exactOptional(),
});

/** Answers with what an app must know to connect. */
export function addShop(simulator: Simulator, body: unknown): Response {
  const { population, ...options } = Body.parse(body);
  if (simulator.shops.has(options.domain)) throw new BadRequest(`There is a shop ${options.domain} already.`);
  const shop = simulator.addShop(options);
  if (population) populate(shop, population);
  return json(presented(shop));
}

/** What an app must know of a shop to connect. */
export function presented({ profile, installation, customers, products, orders }: Shop): object {
  return {
    domain: profile.domain,
    id: profile.id,
    installation,
    size: { customers: customers.size, products: products.size, orders: orders.size },
  };
}
