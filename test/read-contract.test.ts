import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getTableConfig } from 'drizzle-orm/mssql-core';
import type sql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateMssql, openMssql } from '../db/mssql/open.ts';
import { readableTables, readableTablesText } from '../db/read-contract.ts';
import { schema } from '../db/schema.mssql.ts';
import type { MssqlAddress } from '../src/database-address.ts';
import { tablesOf } from '../src/entities/entity.ts';
import { ENTITY_NAMES, entityOf } from '../src/entities/registry.ts';
import { childOf, recordOf, worldOf } from './database-fixture.ts';
import { type EmptyDatabase, emptyDatabase, testServer } from './database-server.ts';

/** What others are told of the database is what it is, and what they are given is what they are told. */

const docs = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const contract = readFileSync(docs('read-contract.md'), 'utf8');
const users = readFileSync(docs('users.sql'), 'utf8');

/** The examples by their headings. */
const examples = [...contract.matchAll(/^### (.+)\n[^`]*```sql\n([^`]+)```/gm)].map(
  ([, name, text]) => [name!, text!] as const,
);

describe('docs/read-contract.md', () => {
  it('describes the tables as the schema has them: else run this file with -u', async () => {
    const [above, below] = [contract.indexOf('<!-- tables -->'), contract.indexOf('<!-- end of tables -->')];
    const written = `${contract.slice(0, above)}<!-- tables -->\n\n${readableTablesText()}\n\n${contract.slice(below)}`;
    await expect(written).toMatchFileSnapshot(docs('read-contract.md'));
  });

  it('says something of every column', () => {
    const silent = readableTables().flatMap(({ name, columns }) =>
      columns.filter(({ says }) => says === '').map((column) => `${name}.${column.name}`),
    );
    expect(silent).toEqual([]);
  });

  it('has every table of the mirror, and none of the machinery', () => {
    const names = readableTables().map(({ name }) => name);
    const mirror = ENTITY_NAMES.flatMap((name) => tablesOf(entityOf(name)));
    expect(names.toSorted()).toEqual(
      [...mirror, 'Certificates', 'CertifiedRanges', 'Freshness', 'Stores', 'UnprovenKeys'].toSorted(),
    );
  });
});

describe('what it promises to be found quickly', () => {
  const promised = [...contract.matchAll(/^\| .+ \| `(\w+) \(([\w, ]+)\)`/gm)];

  it.each(promised.map(([, table, columns]) => [`${table} (${columns})`, table!, columns!]))(
    '%s has an index that begins so',
    (_, table, columns) => {
      const indexed = getTableConfig(schema.mirrored(table)).indexes.map(({ config }) =>
        config.columns.map((column) => ('name' in column ? column.name : '')).join(', '),
      );
      expect(indexed.filter((index) => index.startsWith(columns))).not.toEqual([]);
    },
  );

  it('is every way of reading that the Web API has', () => {
    expect(promised.length).toBeGreaterThan(6);
  });
});

describe('docs/users.sql', () => {
  it('lets the reader read what the contract lists, and no more', () => {
    const granted = [
      ...users.matchAll(/GRANT (\w+) ON \[dbo\]\.\[(\w+)\] (?:\(([^)]+)\) )?TO \[driftless_reader\]/g),
    ];
    expect(granted.map(([, right, table]) => `${right} ${table}`)).toEqual(
      readableTables().map(({ name }) => `SELECT ${name}`),
    );
    for (const [, , table, columns] of granted) {
      if (columns === undefined) continue;
      const listed = readableTables()
        .find(({ name }) => name === table)!
        .columns.map(({ name }) => name);
      expect([...columns.matchAll(/\w+/g)].map(([name]) => name)).toEqual(listed);
    }
    expect(users.match(/TO \[driftless_reader\]/g)).toHaveLength(granted.length);
  });
});

const server = testServer();
if (server === null)
  it.skip('docs are not tried on SQL Server: set TEST_DATABASE_URL to a server of tests', () => {});
else describe('on SQL Server', () => onServer(server));

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;

function onServer(server: MssqlAddress): void {
  const options = { nonce: () => 'nonce' };
  let empty: EmptyDatabase;
  beforeAll(async () => {
    empty = await emptyDatabase(server);
    await migrateMssql(empty.address, options);
    await fill(empty, options);
  });
  afterAll(() => empty.drop());

  const answers: Readonly<Record<string, readonly object[]>> = {
    "Can today's numbers be trusted?": [
      { Entity: 'customers', TrueAsOf: null, Waiting: 0, Parked: 0 },
      { Entity: 'orders' },
      { Entity: 'products' },
    ],
    'Dormant customers': [{ ShopifyCustomerId: '2', Sales: 1, Spent: 7.5 }],
    'Sales of products, this year and the year before': [
      { ShopifyProductId: '30', Title: 'Sold', Pieces: 2, PiecesBefore: 1, Sales: 40, SalesBefore: 20 },
    ],
    'How often customers buy': [
      { Times: 1, Customers: 1, DaysBetween: null },
      { Times: 2, Customers: 1, DaysBetween: 368 },
    ],
  };
  it.each(examples)('%s', async (name, text) => {
    const { recordset } = await empty.pool
      .request()
      .query(text.replace('bigint = 1;', 'bigint = (SELECT MIN(Id) FROM dbo.Stores);'));
    expect(recordset).toMatchObject(answers[name]!);
  });

  it('every user may do what it is for, and nothing else', async ({ skip }) => {
    const { recordset } = await empty.pool.query("select serverproperty('Babelfish') as babelfish");
    skip(recordset[0].babelfish === 1, 'Babelfish grants no ALTER, and knows no users without a login');
    await empty.pool.request().batch(users);
    await empty.pool.request().batch(users);
    const may = (role: string) => rightsOf(empty.pool, role);
    expect(await may('reader')).toEqual({
      readsMirror: 1,
      readsFreshness: 1,
      readsMachinery: 0,
      readsSecretNames: 0,
      writesMirror: 0,
      alters: 0,
    });
    expect(await may('service')).toMatchObject({ readsMachinery: 1, writesMirror: 1, alters: 0 });
    expect(await may('migrator')).toMatchObject({ readsMachinery: 1, writesMirror: 1, alters: 1 });
  });
}

/** Two customers: one who bought more than a year ago and yesterday, one only less than two years ago. */
async function fill(empty: EmptyDatabase, options: { readonly nonce: () => string }): Promise<void> {
  const world = await worldOf(async () => ({
    connect: () => openMssql(empty.address, options),
    now: () => 0,
    advance: () => {},
    select: async () => [],
    drop: async () => {},
  }));
  const yesterday = Date.now() - DAY_MS;
  const sale = (id: string, customer: string, at: number, price: string, more: object = {}) => {
    const items = {
      ShopifyProductId: '30',
      ProductTitle: 'Sold',
      CurrentQuantity: 1,
      TotalPrice: '20',
      ...more,
    };
    const row = {
      ShopifyCustomerId: customer,
      ShopifyProcessedAt: at,
      IsTest: false,
      CurrentTotalPrice: price,
    };
    return recordOf('orders', id, row, {
      children: { OrderItems: [childOf('orders', 'OrderItems', id, items)], Refunds: [] },
    });
  };
  await world.write('customers', recordOf('customers', '1'), recordOf('customers', '2'));
  await world.write(
    'orders',
    sale('11', '1', yesterday - YEAR_MS - 3 * DAY_MS, '20'),
    sale('12', '1', yesterday, '40', { CurrentQuantity: 2, TotalPrice: '40' }),
    sale('21', '2', yesterday - 2 * YEAR_MS + 3 * DAY_MS, '7.5', {
      CurrentQuantity: 0,
      TotalPrice: '0',
    }),
  );
  await world.close();
}

/** What a user of the role may do, asked as that user. */
async function rightsOf(pool: sql.ConnectionPool, role: string): Promise<object> {
  const may = (table: string, right: string) => `HAS_PERMS_BY_NAME(N'dbo.${table}', N'OBJECT', N'${right}')`;
  const { recordset } = await pool.request().batch(`
IF USER_ID(N'test_${role}') IS NULL CREATE USER [test_${role}] WITHOUT LOGIN;
ALTER ROLE [driftless_${role}] ADD MEMBER [test_${role}];
EXECUTE AS USER = N'test_${role}';
SELECT ${may('Orders', 'SELECT')} AS readsMirror, ${may('Freshness', 'SELECT')} AS readsFreshness,
  ${may('StaleKeys', 'SELECT')} AS readsMachinery,
  HAS_PERMS_BY_NAME(N'dbo.Stores', N'OBJECT', N'SELECT', N'SecretName', N'COLUMN') AS readsSecretNames,
  ${may('Orders', 'UPDATE')} AS writesMirror, ${may('Orders', 'ALTER')} AS alters;
REVERT;`);
  return { ...recordset[0] };
}
