import type { Mutant } from './list.ts';

/** What somebody might simplify away of privacy: suppressions, erasures, exports, and the door of what asks for them. */
const DATABASE = 'test/database-sqlite.test.ts';
const PERSON = 'test/privacy-person.test.ts';
const STORE = 'test/privacy-store.test.ts';
const DATA = 'test/privacy-data.test.ts';
const DOOR = 'test/privacy-door.test.ts';
const DOORS = 'test/privacy-doors.test.ts';
const COLUMNS = 'test/personal-columns.test.ts';

export const PRIVACY: readonly Mutant[] = [
  {
    rule: 'R12',
    breakage: 'what Shopify goes on telling of an erased person is written',
    file: 'src/suppression.ts',
    find: 'allowed.set(id, { ...read, record: withoutPerson(entity, read.record, erasedAt.get(from)!) });',
    replace: '',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'suppressions are asked after the verdict: an erased row differs for ever',
    file: 'src/batch.ts',
    find: 'marks.map((mark) => verdictOf(as, entity, mark, readOf(reads, mark), deps.timing));',
    replace: `marks.map((mark) => {
      const judged = verdictOf(as, entity, mark, readOf(read.reads, mark), deps.timing);
      const allowed = readOf(reads, mark);
      const { verdict } = judged;
      if (verdict.row.do !== 'write' || allowed.state !== 'live') return judged;
      return { ...judged, verdict: { ...verdict, row: { ...verdict.row, record: allowed.record } } };
    });`,
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'orders of an erased customer are looked up by their own ids alone',
    file: 'src/suppression.ts',
    find: 'people: owners[i]!.known.map(',
    replace: 'people: owners[i]!.known.filter((owner) => owner.entity === entity.name).map(',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'an order that was erased with its customer comes back with the next one',
    file: 'src/suppression.ts',
    find: 'if (inherited.length > 0) await database.inheritSuppressions(store.id, inherited);',
    replace: '',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: "a customer's orders are looked for before the customer is suppressed",
    file: 'privacy/person.ts',
    find: '  await database.suppress(id, { ...adding, hashes: hashesOf(request.keys), erase: null });\n  const erase = await withTheirs(database, request);\n',
    replace:
      '  const erase = await withTheirs(database, request);\n  await database.suppress(id, { ...adding, hashes: hashesOf(request.keys), erase: null });\n',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'whoever read a person before the erasure may still commit',
    file: 'db/sqlite/suppressions.ts',
    find: '    takeLeaseAway(connection, storeId, name);',
    replace: '    void name;',
    suites: [DATABASE],
  },
  {
    rule: 'R12',
    breakage: 'whoever read a row before it is emptied may still commit',
    file: 'db/sqlite/erasure.ts',
    find: '  takeLeaseAway(connection, storeId, entity);',
    replace: '',
    suites: [DATABASE],
  },
  {
    rule: 'R12',
    breakage: 'suppressions that another key hashed are taken for none',
    file: 'src/suppression.ts',
    find: 'if (underOtherKeys)',
    replace: "if (underOtherKeys && key?.name === '')",
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'hashes of erased people need no key to be guessed',
    file: 'src/suppression.ts',
    find: "createHmac('sha256', secret.reveal())",
    replace: "createHmac('sha256', secret === undefined ? '' : 'driftless')",
    suites: [DOORS],
  },
  {
    rule: 'R12',
    breakage: 'an erasure leaves what is personal in children of the row',
    file: 'db/sqlite/erasure.ts',
    find: 'for (const { name } of personalChildren(entity)) {',
    replace: 'for (const { name } of personalChildren(entity).slice(9)) {',
    suites: [DATABASE],
  },
  {
    rule: 'R12',
    breakage: 'children of what is read of an erased person keep what is personal',
    file: 'src/erasure.ts',
    find: 'return [table, rows.map((child) => emptiedRecord(set, child))];',
    replace: 'return [table, set === undefined ? [] : rows];',
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'an erasure takes the money along',
    file: 'src/erasure.ts',
    find: 'columns[name]!.personal);',
    replace: "columns[name]!.personal || columns[name]!.kind === 'decimal');",
    suites: [PERSON],
  },
  {
    rule: 'R12',
    breakage: 'a request keeps the ids of those who were erased',
    file: 'db/sqlite/privacy-requests.ts',
    find: 'db.delete(PrivacyKeys).where(eq(PrivacyKeys.RequestId, requestId)).run();',
    replace: '',
    suites: [DATABASE],
  },
  {
    rule: 'R12',
    breakage: 'a certificate counts a row again that a repeated step finds empty',
    file: 'db/sqlite/erasure.ts',
    find: 'JSON.stringify(struck.map(({ id }) => id))',
    replace: 'struck.length < 0 ? JSON.stringify(struck) : JSON.stringify(ids)',
    suites: [DATABASE],
  },
  {
    rule: 'R12',
    breakage: 'a new column of a customer is kept, and nobody has said whether it is personal',
    file: 'src/entities/customers.ts',
    find: "Note: longText('note', PERSONAL),",
    replace: "Note: longText('note', PERSONAL),\n    Nickname: text('displayName', 255),",
    suites: [COLUMNS],
  },
  {
    rule: 'R12',
    breakage: 'a new text beside the mirror is kept, and nobody has said what it holds',
    file: 'db/schema/marking.ts',
    find: "TraceParent: c.text('TraceParent', 55),",
    replace: "TraceParent: c.text('TraceParent', 55),\n      Sample: c.text('Sample', 100),",
    suites: [COLUMNS],
  },
  {
    rule: 'R12',
    breakage: 'the answer to a data request outlives the person',
    file: 'privacy/person.ts',
    find: 'held.storeId === request.storeId && held.subject === subject',
    replace: "held.storeId === request.storeId && held.subject === ''",
    suites: [DATA],
  },
  {
    rule: 'R12',
    breakage: 'an answer that is written while the person is erased stays',
    file: 'privacy/held-exports.ts',
    find: '.erasedAt.size > 0',
    replace: '.erasedAt.size < 0',
    suites: [DATA],
  },
  {
    rule: 'R8',
    breakage: 'the shop inside a compliance request is not compared with the header',
    file: 'webhooks/compliance.ts',
    find: 'store.shopId === null ? domain.toLowerCase() === store.domain : store.shopId === shopId',
    replace: "domain !== ''",
    suites: [DOOR],
  },
  {
    rule: 'R8',
    breakage: "a shop's body is taken under customers/redact",
    file: 'webhooks/compliance.ts',
    find: `    .strictObject({ ...shop, customer, orders_to_redact: orders })
    .transform((body) => ({ ...body, customers: [body.customer.id], orders: body.orders_to_redact })),`,
    replace: `    .looseObject({ ...shop, customer: customer.optional(), orders_to_redact: orders.optional() })
    .transform(({ customer: named, orders_to_redact, ...body }) => ({
      ...body,
      customers: named === undefined ? [] : [named.id],
      orders: orders_to_redact ?? [],
    })),`,
    suites: [DOOR],
  },
  {
    rule: 'R8',
    breakage: "a customer's body is taken under shop/redact: the store is erased in the place of a person",
    file: 'webhooks/compliance.ts',
    find: 'SHOP_REDACT: z.strictObject(shop)',
    replace: 'SHOP_REDACT: z.looseObject(shop)',
    suites: [DOOR],
  },
  {
    rule: 'R4',
    breakage: 'a privacy request that could not be recorded is acknowledged',
    file: 'privacy/carry-out.ts',
    find: "await service.queues.send('privacy', { ...message, attempt: message.attempt + 1 }, { delayMs });",
    replace: '',
    suites: [DOOR],
  },
  {
    rule: 'R12',
    breakage: 'what is asked for after the app was uninstalled is ignored, as its other deliveries are',
    file: 'webhooks/accept.ts',
    find: 'if (isCompliance(delivery)) return',
    replace: 'if (isCompliance(delivery) && store.active) return',
    suites: [STORE],
  },
  {
    rule: 'R8',
    breakage: 'a store is erased although the app is installed there',
    file: 'privacy/shop.ts',
    find: 'if (look?.open) {',
    replace: 'if (look?.open && !request.vouched) return null;\n  if (look?.open) {',
    suites: [STORE],
  },
  {
    rule: 'R8',
    breakage: 'a store is erased before two days have passed',
    file: 'privacy/shop.ts',
    find: 'return leftMs <= 0 ? null',
    replace: 'return leftMs <= UNINSTALLED_FOR_MS ? null',
    suites: [STORE],
  },
  {
    rule: 'R8',
    breakage: 'a store is erased on the word of an operator, although Shopify lets us in',
    file: 'privacy/shop.ts',
    find: '  try {\n    return await lookAt(service, store);',
    replace: '  if (vouched) return null;\n  try {\n    return await lookAt(service, store);',
    suites: [DATA],
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
