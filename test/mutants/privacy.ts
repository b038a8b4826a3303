import type { Mutant } from './list.ts';

/** What somebody might simplify away of privacy: who is erased, who asks for it, and what comes back. */
const PERSON = 'test/privacy-person.test.ts';
const STORE = 'test/privacy-store.test.ts';
const DOOR = 'test/privacy-door.test.ts';
const DATABASE = 'test/database-sqlite.test.ts';

export const PRIVACY_MUTANTS: readonly Mutant[] = [
  {
    rule: 'R12',
    breakage: 'what Shopify goes on telling of an erased person is written',
    file: 'src/batch.ts',
    find: 'await withoutErased(deps, store, entity, read.reads)',
    replace: 'read.reads',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'a read from before an erasure is committed after it',
    file: 'db/sqlite/suppressions.ts',
    find: 'takeLeaseAway(connection, storeId, name);',
    replace: 'void name;',
    suites: [DATABASE],
  },
  {
    rule: 'R8',
    breakage: 'a compliance body counts for whatever shop the header names',
    file: 'webhooks/compliance.ts',
    find: 'if (!isOurs)',
    replace: 'if (false)',
    suites: [DOOR],
  },
  {
    rule: 'R8',
    breakage: 'the body of a person’s redaction erases the store',
    file: 'webhooks/compliance.ts',
    find: 'SHOP_REDACT: z.strictObject(shop)',
    replace: 'SHOP_REDACT: z.object(shop)',
    suites: [DOOR],
  },
  {
    rule: 'R8',
    breakage: 'a store is erased at once, on the word of a body that may be old',
    file: 'privacy/shop.ts',
    find: "return leftMs <= 0 ? null : { state: 'later', inMs: leftMs };",
    replace: 'void leftMs;\n  return null;',
    suites: [STORE],
  },
  {
    rule: 'R8',
    breakage: 'a store that was installed again in the middle of its erasure is erased all the same',
    file: 'db/sqlite/store-erasure.ts',
    find: ' || !isAtRest(connection, storeId)',
    replace: '',
    suites: [STORE],
  },
];
