import type { Mutant } from './list.ts';

/** Breakages of what is told to others, and of what others tell: change events, subscriptions, an uninstalled app. */
const DATABASE = 'test/database-sqlite.test.ts';
const CHANGE_EVENTS = 'test/change-events.test.ts';
const SUBSCRIPTIONS = 'test/subscriptions.test.ts';
const UNINSTALL = 'test/uninstall.test.ts';

export const ANNOUNCING: readonly Mutant[] = [
  {
    rule: 'events',
    breakage: 'an event overtakes an earlier one of its key that is being sent',
    file: 'db/sqlite/change-events.ts',
    find: '.where(and(waiting, notExists(beingSent)))',
    replace: '.where(waiting)',
    suites: [DATABASE],
  },
  {
    rule: 'events',
    breakage: 'what comes behind a request that was not accepted is sent',
    file: 'src/outbox.ts',
    find: 'stopped === null && deps.monotonic() < endsAt',
    replace: 'deps.monotonic() < endsAt',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: 'a request that is too large is dropped',
    file: 'src/outbox.ts',
    find: 'else if (parcel.ids.length > 1) parcels.unshift(...halves(parcel));',
    replace: '',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: 'a topic that refuses is asked every minute',
    file: 'src/outbox.ts',
    find: 'until = monotonic() + lengthMs;',
    replace: 'until = monotonic() + 1;',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: '429 counts as accepted',
    file: 'app/event-grid.ts',
    find: "if (status === 413) return { state: 'too large' };",
    replace:
      "if (status === 413) return { state: 'too large' };\n  if (status === 429) return { state: 'accepted' };",
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: 'events pile up where no topic is configured',
    file: 'src/batch.ts',
    find: 'announce: deps.outbox !== null,',
    replace: 'announce: true,',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: 'withheld columns are told to have changed',
    file: 'src/changed-columns.ts',
    find: '!withheld.includes(name) &&',
    replace: '',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'events',
    breakage: 'only the tick sends events',
    file: 'reconcile/bell.ts',
    find: 'if (outbox === null || tally.written + tally.deleted === 0) return;',
    replace: 'if (outbox === null || tally.written + tally.deleted >= 0) return;',
    suites: [CHANGE_EVENTS],
  },
  {
    rule: 'R4',
    breakage: 'a filter that somebody set on a subscription stays',
    file: 'webhooks/subscription-api.ts',
    find: "(filter === null || filter === '')",
    replace: 'filter !== undefined',
    suites: [SUBSCRIPTIONS],
  },
  {
    rule: 'R14',
    breakage: 'a topic that Shopify refuses brings a census every hour',
    file: 'webhooks/subscriptions.ts',
    find: '...missing.filter((topic) => !before.has(topic)),',
    replace: '...missing,',
    suites: [SUBSCRIPTIONS],
  },
  {
    rule: 'R4',
    breakage: 'subscriptions of other addresses are taken down',
    file: 'webhooks/subscriptions.ts',
    find: 'filter(({ uri }) => uri === url)',
    replace: "filter(({ uri }) => uri !== '')",
    suites: [SUBSCRIPTIONS],
  },
  {
    rule: 'R8',
    breakage: 'a store is deactivated on the word of an unsigned topic',
    file: 'webhooks/life-cycle.ts',
    find: 'const look = await looked(deps, store);',
    replace:
      'if (store.active) return await restStore(deps, store);\n  const look = await looked(deps, store);',
    suites: [UNINSTALL],
  },
  {
    rule: 'R8',
    breakage: 'the shop inside the signed body is not compared with the header',
    file: 'webhooks/life-cycle.ts',
    find: 'return [domain, ...formerDomains].includes(inside.toLowerCase());',
    replace: "return inside !== '';",
    suites: [UNINSTALL],
  },
  {
    rule: 'R8',
    breakage: 'a wrong client secret proves that the app is gone',
    file: 'src/shopify/token-endpoint.ts',
    find: 'status === 403 || OF_THE_CLIENT.has(code)',
    replace: "status === 403 && code !== ''",
    suites: [UNINSTALL],
  },
  {
    rule: 'R7',
    breakage: 'a store whose app is uninstalled is woken before Shopify was asked',
    file: 'src/connect.ts',
    find: '  const facts = await asked(',
    replace: '  if (known) await database.activateStore(known);\n  const facts = await asked(',
    suites: [UNINSTALL],
  },
  {
    rule: 'R1',
    breakage: 'what vanished while the app was not installed stays',
    file: 'reconcile/merge.ts',
    find: 'hold: seen.vanished,',
    replace: "hold: kind === 'backfill' ? [] : seen.vanished,",
    suites: [UNINSTALL],
  },
  {
    rule: 'R11',
    breakage: 'a resumed store is certified to its contents although only heads were compared',
    file: 'reconcile/sighting.ts',
    find: "else if (sight.kind !== 'census') stale",
    replace: "else if (sight.kind === 'content') stale",
    suites: [UNINSTALL],
  },
];
