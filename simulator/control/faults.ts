/** Turning the switches by which a shop lies. What a request does not name stays as it is. */
import { z } from 'zod';
import type { Shop } from '../shop.ts';
import { Courier } from '../webhooks/courier.ts';
import { BadRequest, json } from './answer.ts';

const chance = z.number().min(0).max(1).exactOptional();
const milliseconds = z.number().int().min(0).exactOptional();
const flag = z.boolean().exactOptional();

const Body = z.strictObject({
  webhooks: z
    .strictObject({
      lost: chance,
      doubled: chance,
      late: chance,
      lateMs: milliseconds,
      reordered: chance,
      reorderedMs: milliseconds,
      forged: chance,
      down: flag,
      newIdOnRetry: flag,
    })
    .exactOptional(),
  api: z
    .strictObject({
      serverError: chance,
      tooManyRequests: chance,
      abort: chance,
      garbage: chance,
      slow: chance,
      slowMs: milliseconds,
      tokenRevoked: chance,
    })
    .exactOptional(),
  consistency: z
    .strictObject({
      replicaLagMs: milliseconds,
      indexLagMs: milliseconds,
      customersByWholeDay: flag,
      spendMovesUpdatedAt: flag,
      /** GIDs. */
      omitFromIndex: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
  /** `Type.field` of what is answered with ACCESS_DENIED; replaces the former list. */
  withheld: z.array(z.string()).exactOptional(),
  /** The version that webhooks are made for. */
  webhookVersion: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .exactOptional(),
  /** The scopes that the app was granted; replaces the former list. */
  scopes: z.array(z.string()).exactOptional(),
});

/** Answers with all switches as they stand now. */
export function setFaults(shop: Shop, body: unknown): Response {
  const { webhooks, api, consistency, withheld, webhookVersion, scopes } = Body.parse(body);
  const courier = courierOf(shop);
  if (webhooks) courier.faults = { ...courier.faults, ...webhooks };
  if (api) shop.faults = { ...shop.faults, ...api };
  if (consistency) {
    const { omitFromIndex, ...switches } = consistency;
    shop.consistency = {
      ...shop.consistency,
      ...switches,
      ...(omitFromIndex && { omitFromIndex: new Set(omitFromIndex) }),
    };
  }
  if (withheld) {
    shop.withheld.clear();
    for (const field of withheld) shop.withheld.add(field);
  }
  if (webhookVersion) shop.webhookVersion = webhookVersion;
  if (scopes) shop.installation = { ...shop.installation, scopes };
  return json({
    webhooks: courier.faults,
    api: shop.faults,
    consistency: { ...shop.consistency, omitFromIndex: [...shop.consistency.omitFromIndex] },
    withheld: [...shop.withheld],
    webhookVersion: shop.webhookVersion,
    scopes: shop.installation.scopes,
  });
}

function courierOf({ courier, profile }: Shop): Courier {
  if (courier instanceof Courier) return courier;
  throw new BadRequest(
    `${profile.domain} has another courier than the simulator's: its faults cannot be set here.`,
  );
}
