import { and, eq, ne, sql } from 'drizzle-orm';
import { ENTITY_NAMES, entityOf } from '../../src/entities/registry.ts';
import { isPersonal } from '../../src/erasure.ts';
import type { Erasing, Suppressed } from '../../src/privacy-request.ts';
import { schema } from '../schema.sqlite.ts';
import type { Connection } from './connection.ts';
import { takeLeaseAway } from './leases.ts';
import { openRequest } from './privacy-requests.ts';
import { listed, placeholders, prepared } from './statements.ts';

/** Who must never return: written with the fence of whoever may be about to bring them back. */

const { PrivacyKeys, PrivacyRequests, Stores, Suppressions } = schema;

const lookup = prepared(({ db }) =>
  db
    .select({ hash: Suppressions.KeyHash, at: Suppressions.SuppressedAt })
    .from(Suppressions)
    .where(
      and(
        eq(Suppressions.StoreId, sql.placeholder('storeId')),
        sql`${Suppressions.KeyHash} in ${listed('hashes')}`,
      ),
    )
    .prepare(),
);

const strangers = prepared(({ db }) =>
  db
    .select({ hash: Suppressions.KeyHash })
    .from(Suppressions)
    .where(
      and(
        eq(Suppressions.StoreId, sql.placeholder('storeId')),
        ne(Suppressions.KeyName, sql.placeholder('keyName')),
      ),
    )
    .limit(1)
    .prepare(),
);

const someone = prepared(({ db }) =>
  db
    .select({ hash: Suppressions.KeyHash })
    .from(Suppressions)
    .where(eq(Suppressions.StoreId, sql.placeholder('storeId')))
    .limit(1)
    .prepare(),
);

/** Before anything of another request is read: what is suppressed by then is found. */
export function suppressed(
  connection: Connection,
  storeId: number,
  keyName: string | null,
  hashes: readonly string[],
): Suppressed {
  const found = lookup(connection).all({ storeId, hashes: JSON.stringify(hashes) });
  const others = strangers(connection).all({ storeId, keyName: keyName ?? '' });
  const any = found.length > 0 || someone(connection).get({ storeId }) !== undefined;
  return {
    erasedAt: new Map(found.map(({ hash, at }) => [hash, at])),
    any,
    underOtherKeys: others.length > 0,
  };
}

const addition = prepared(({ db }) =>
  db
    .insert(Suppressions)
    .values(placeholders('StoreId', 'KeyHash', 'KeyName', 'RequestId', 'SuppressedAt'))
    .onConflictDoNothing()
    .prepare(),
);

const inheritance = prepared(({ db }) =>
  db
    .insert(Suppressions)
    .select(
      db
        .select({
          StoreId: Suppressions.StoreId,
          KeyHash: sql<string>`${sql.placeholder('hash')}`.as('KeyHash'),
          KeyName: Suppressions.KeyName,
          RequestId: Suppressions.RequestId,
          SuppressedAt: Suppressions.SuppressedAt,
        })
        .from(Suppressions)
        .where(
          and(
            eq(Suppressions.StoreId, sql.placeholder('storeId')),
            eq(Suppressions.KeyHash, sql.placeholder('from')),
          ),
        ),
    )
    .onConflictDoNothing()
    .prepare(),
);

export function inheritSuppressions(
  connection: Connection,
  storeId: number,
  inherited: readonly { readonly hash: string; readonly from: string }[],
): void {
  for (const { hash, from } of inherited) inheritance(connection).run({ storeId, hash, from });
}

export function suppress(connection: Connection, requestId: number, erasing: Erasing): void {
  const { db, clock } = connection;
  const { keyName, subject, hashes, erase } = erasing;
  const storeId = openRequest(connection, requestId);
  if (storeId === null || db.$count(Stores, eq(Stores.Id, storeId)).sync() === 0) return;
  for (const name of ENTITY_NAMES.filter((each) => isPersonal(entityOf(each))))
    takeLeaseAway(connection, storeId, name);
  const given = { StoreId: storeId, KeyName: keyName, RequestId: requestId, SuppressedAt: clock() };
  for (const hash of hashes) addition(connection).run({ ...given, KeyHash: hash });
  db.update(PrivacyRequests).set({ Subject: subject }).where(eq(PrivacyRequests.Id, requestId)).run();
  if (erase === null) return;
  for (const { entity, ids } of erase)
    for (const id of ids)
      db.insert(PrivacyKeys)
        .values({ RequestId: requestId, Entity: entity, ShopifyId: id })
        .onConflictDoNothing()
        .run();
  db.update(PrivacyRequests).set({ State: 'erasing' }).where(eq(PrivacyRequests.Id, requestId)).run();
}
