import type { MsSqlTable } from 'drizzle-orm/mssql-core';
import { customers } from '../src/entities/customers.ts';
import type { Entity } from '../src/entities/entity.ts';
import { orders } from '../src/entities/orders.ts';
import { products } from '../src/entities/products.ts';
import { type MirrorTable, mirrorTableOf } from './mirror-tables.ts';
import { defineFreshness } from './schema/freshness.ts';
import type { Kit } from './schema/kit.ts';
import { defineMarking } from './schema/marking.ts';
import { type ChildTable, childTable, columnNamed, type OwnTable, ownTable } from './schema/mirror.ts';
import { defineOutbox } from './schema/outbox.ts';
import { definePrivacy } from './schema/privacy.ts';
import { defineProgress } from './schema/progress.ts';
import { defineProof } from './schema/proof.ts';
import { defineStores } from './schema/stores.ts';

/**
 * An entity of the mirror, and the columns by which people search it (those of links and topics are known).
 */
interface Mirrored {
  readonly entity: Entity;
  readonly searchedBy: readonly string[];
}

/** Every mirrored entity: a new one is a line here. */
const MIRRORED: readonly Mirrored[] = [
  { entity: customers, searchedBy: ['Email'] },
  { entity: products, searchedBy: [] },
  { entity: orders, searchedBy: ['Email', 'ShopifyProcessedAt'] },
];

/**
 * The schema of both databases, from one text: `c` is the column kit of a dialect (schema/kit.ts). Migrations
 * are generated from it per dialect by `npm run db:generate`.
 */
export function defineSchema(c: Kit) {
  const machinery = {
    ...defineStores(c),
    ...defineMarking(c),
    ...defineProgress(c),
    ...defineProof(c),
    ...defineOutbox(c),
    ...definePrivacy(c),
  };
  const own = new Map<string, OwnTable>();
  const children = new Map<string, ChildTable>();
  const others = {
    stores: machinery.Stores,
    rowIdOf: (table: string) => columnNamed(own.get(table) ?? children.get(table) ?? {}, 'Id'),
  };
  const defineChildren = (parent: MirrorTable): void => {
    for (const child of parent.children) {
      const above = { column: child.parent!, table: parent.name };
      children.set(child.name, childTable(c, child, above, [], others));
      defineChildren(child);
    }
  };
  for (const { entity, searchedBy } of MIRRORED) {
    own.set(entity.table, ownTable(c, mirrorTableOf(entity), searchedBy, others));
    defineChildren(mirrorTableOf(entity));
  }
  return {
    ...machinery,
    /** Tables of the entities themselves, by name. */
    own: (name: string): OwnTable => tableNamed(own, name),
    /** Tables of their children, by name. */
    child: (name: string): ChildTable => tableNamed(children, name),
    /** Any table of the mirror, by name. */
    mirrored: (name: string): MsSqlTable => own.get(name) ?? tableNamed(children, name),
    views: defineFreshness(c, machinery),
    /** Every table of the database by name: what migrations are generated from, with the views. */
    tables: { ...machinery, ...Object.fromEntries(own), ...Object.fromEntries(children) },
  };
}

function tableNamed<T>(tables: ReadonlyMap<string, T>, name: string): T {
  const table = tables.get(name);
  if (table === undefined)
    throw new Error(`The mirror has no table ${name}: add its entity to db/schema.ts.`);
  return table;
}
