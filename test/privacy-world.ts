import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { openSqlite } from '../db/sqlite/open.ts';
import type { Customer, Order } from '../simulator/model.ts';
import { redactCustomer, requestData } from '../simulator/privacy.ts';
import type { Database } from '../src/database.ts';
import { World, type WorldOptions } from './world.ts';

/**
 * A world with one person in it whose every personal field holds a word that stands nowhere else, in a database file
 * that can be searched for it, and a directory for what is exported.
 */
export const WORD = 'quillfeather';

export interface PrivacyWorld {
  readonly world: World;
  readonly file: string;
  readonly exportDir: string;
  /** Ids of the person and of their orders. */
  readonly customer: string;
  readonly orders: readonly string[];
  person(): Customer;
  theirOrders(): readonly Order[];
  redact(options?: { readonly forget: boolean }): void;
  requestData(): void;
  /** Where the word stands, as `Table.Column`. */
  wordsFound(): readonly string[];
  /** Plain SQL, beside the port. */
  select(query: string): readonly Readonly<Record<string, unknown>>[];
  exported(): readonly string[];
  readExport(name: string): Readonly<Record<string, unknown>>;
}

const decimal = (gid: string): string => gid.slice(gid.lastIndexOf('/') + 1);

export async function privacyWorld(
  options: WorldOptions & { readonly break?: (real: Database, world: () => World) => Database } = {},
): Promise<PrivacyWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'privacy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mirror.db');
  const exportDir = join(folder, 'exports');
  let world: World | undefined;
  const real = await openSqlite(file, {
    clock: () => world?.now ?? 0,
    nonce: () => world?.nonce() ?? 'first',
  });
  const database = options.break?.(real, () => world!) ?? real;
  world = await World.create({
    size: { customers: 20, products: 6, orders: 30 },
    ...options,
    env: { EXPORT_DIR: exportDir, ...options.env },
    database: () => database,
  });
  const made = world;
  onTestFinished(() => made.close());
  const gid = makePerson(made);
  const theirs = () => [...made.shop.orders.values()].filter(({ customerGid }) => customerGid === gid);
  await made.mirrored();
  const raw = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => raw.close());
  const select = (query: string) => raw.prepare(query).all();
  return {
    world: made,
    file,
    exportDir,
    customer: decimal(gid),
    orders: theirs().map(({ id }) => decimal(id)),
    person: () => made.shop.customers.current(gid)!,
    theirOrders: theirs,
    redact: ({ forget } = { forget: false }) =>
      redactCustomer(made.shop, made.shop.customers.current(gid)!, forget),
    requestData: () => requestData(made.shop, made.shop.customers.current(gid)!),
    select,
    wordsFound: () => wordsIn(select),
    exported: () => {
      try {
        return readdirSync(exportDir);
      } catch {
        return [];
      }
    },
    readExport: (name) => JSON.parse(readFileSync(join(exportDir, name), 'utf8')),
  };
}

/** Gives the word to the customer with the most orders, to those and to a refund's note. */
function makePerson({ shop }: World): string {
  const counts = new Map<string, number>();
  for (const { customerGid } of shop.orders.values())
    if (customerGid !== null) counts.set(customerGid, (counts.get(customerGid) ?? 0) + 1);
  const [gid] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  const customer = shop.customers.current(gid)!;
  shop.customers.put({ ...customer, ...wordy(customer) });
  for (const order of [...shop.orders.values()].filter(({ customerGid }) => customerGid === gid))
    shop.orders.put({
      ...order,
      email: `${WORD}@example.com`,
      note: WORD,
      tags: [WORD],
      refunds: order.refunds.map((refund) => ({ ...refund, note: WORD })),
    });
  return gid;
}

/** Everything that a customer's personal columns come from. */
export function wordy(customer: Customer): Partial<Customer> {
  const name = { firstName: WORD, lastName: WORD, phone: WORD };
  const places = { company: WORD, city: WORD, provinceCode: WORD };
  const email = customer.defaultEmailAddress ?? {
    ...{ marketingOptInLevel: null, marketingUpdatedAt: null, validFormat: true },
  };
  return {
    ...{ firstName: WORD, lastName: WORD, note: WORD, tags: [WORD], locale: WORD },
    defaultEmailAddress: {
      ...email,
      ...{ emailAddress: `${WORD}@example.com`, marketingState: 'SUBSCRIBED' },
    } as NonNullable<Customer['defaultEmailAddress']>,
    ...(customer.defaultAddress && { defaultAddress: { ...customer.defaultAddress, ...name, ...places } }),
    ...(customer.defaultPhoneNumber && {
      defaultPhoneNumber: { ...customer.defaultPhoneNumber, phoneNumber: WORD },
    }),
  };
}

function wordsIn(select: PrivacyWorld['select']): readonly string[] {
  const found = new Set<string>();
  for (const { name } of select("SELECT name FROM sqlite_master WHERE type = 'table'"))
    for (const row of select(`SELECT * FROM "${String(name)}"`))
      for (const [column, value] of Object.entries(row))
        if (String(value).toLowerCase().includes(WORD)) found.add(`${String(name)}.${column}`);
  return [...found].sort();
}
