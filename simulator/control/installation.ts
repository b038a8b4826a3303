import { z } from 'zod';
import { install, uninstall } from '../installation.ts';
import type { Shop } from '../shop.ts';
import { json } from './answer.ts';

const Body = z.strictObject({ installed: z.boolean() });

export function setInstallation(shop: Shop, body: unknown): Response {
  const { installed } = Body.parse(body);
  if (installed) install(shop);
  else uninstall(shop);
  return json({ installed: shop.installed });
}
