import { customers } from './customers.ts';
import type { Entity } from './entity.ts';
import { orders } from './orders.ts';
import { products } from './products.ts';

/** Every mirrored entity. A new one is a file beside these and a line here (and its table in db/schema.ts). */
const registry = { customers, products, orders } as const;

export type EntityName = keyof typeof registry;
/** `Customer`, `Product`, `Order`: as Shopify calls one of them, and so do functions, settings and loggers. */
export type EntityType = (typeof registry)[EntityName]['type'];

export const ENTITY_NAMES = Object.keys(registry) as readonly EntityName[];

export const entityOf = (name: EntityName): Entity => registry[name];

export const isEntityName = (text: string): text is EntityName => Object.hasOwn(registry, text);
