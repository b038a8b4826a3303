import type { Mutant } from './list.ts';

/** What the simulation found, and no test by hand looks at from this side. */
const REGRESSIONS = 'test/regressions.test.ts';
const SIGHT = 'test/sight.test.ts';

export const SIMULATION: readonly Mutant[] = [
  {
    rule: 'R15',
    breakage: 'a list is believed whatever the app might see when it was made',
    file: 'src/shopify/heads.ts',
    find: 'if (hidesTheOld(entity, { settings: { scopes } }) === hidesTheOld(entity, store)) return;',
    replace: 'if (hidesTheOld(entity, { settings: { scopes } }) || scopes.length > 0) return;',
    suites: [REGRESSIONS],
  },
  {
    rule: 'R15',
    breakage: 'a census goes on under another sight than it began with',
    file: 'reconcile/census.ts',
    find: 'position !== null && position.hidden !== hidesTheOld(entity, store)',
    replace: 'position !== null && position.heads < 0',
    suites: [SIGHT],
  },
  {
    rule: 'R9',
    breakage: 'a last order that is out of sight is none',
    file: 'src/entities/withholding.ts',
    find: '!scopes.has(hidden.without) &&',
    replace: 'scopes.has(hidden.without) && !scopes.has(hidden.without) &&',
    suites: [SIGHT],
  },
  {
    rule: 'R15',
    breakage: 'that the app sees other objects is noticed, and not noted',
    file: 'reconcile/work.ts',
    find: 'await noteShop(service.database, storeId, await shopFacts(service.adminOf(store)));',
    replace: 'await shopFacts(service.adminOf(store));',
    suites: [REGRESSIONS],
  },
  {
    rule: 'R15',
    breakage: 'the verdict knows nothing of keys that ended without proof',
    file: 'src/certificate.ts',
    find: 'if (unproven > 0)',
    replace: 'if (unproven > 1_000)',
    suites: [REGRESSIONS],
  },
  {
    rule: 'R8',
    breakage: 'one refusal is proof',
    file: 'src/uninstalled.ts',
    find: 'proven: refusedForMs >= APART_MS',
    replace: 'proven: refusedForMs >= 0',
    suites: [REGRESSIONS],
  },
];
