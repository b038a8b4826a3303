import type { Mutant } from './list.ts';

/** What somebody might simplify away of R9: that withheld is neither empty nor done. */
const WITHHELD = 'test/withheld.test.ts';
const ANSWERS = 'test/unfinished-answers.test.ts';
const BACK = 'test/scopes-back.test.ts';
const LACK = 'test/lack.test.ts';
const OWNER = 'test/withheld-owner.test.ts';

export const WITHHELD_MUTANTS: readonly Mutant[] = [
  {
    rule: 'R9',
    breakage: 'an error on one field lets the mark go',
    file: 'src/verdict.ts',
    find: "judgement.row !== 'write' || !asksAgain(read.record.lacks)) return judgement;",
    replace: "judgement.row !== 'write' || true) return judgement;",
    suites: [WITHHELD],
  },
  {
    rule: 'R9',
    breakage: 'one denial is believed at once',
    file: 'src/denial.ts',
    find: "reason === 'denied' && denied[column]?.since == null ? 'error' : reason",
    replace: 'reason',
    suites: [WITHHELD],
  },
  {
    rule: 'R9',
    breakage: 'a denial is believed however few objects it met',
    file: 'src/denial.ts',
    find: 'if (!(await isOfAll(database, store.id, entity, column, denial.firstAt))) continue;',
    replace: '',
    suites: [WITHHELD],
  },
  {
    rule: 'R9',
    breakage: 'a denial is believed without a second answer',
    file: 'src/denial.ts',
    find: 'telling.denied === 0 || sentAt < denial.firstAt + timing.settleMs',
    replace: 'telling.denied === 0',
    suites: [LACK],
  },
  {
    rule: 'R9',
    breakage: 'a denial is believed although an object told the value',
    file: 'src/entities/telling.ts',
    find: 'told: objects.some(({ node, withholding }) => tells(entity, column, node, withholding)),',
    replace: 'told: false,',
    suites: [WITHHELD],
  },
  {
    rule: 'R9',
    breakage: 'an object that was not even asked speaks against a denial',
    file: 'src/entities/withholding.ts',
    find: "return parents === '' || at(node, parents) !== null;",
    replace: "return parents === '' || true;",
    suites: [WITHHELD],
  },
  {
    rule: 'R9',
    breakage: 'a list that is null without an error is withheld',
    file: 'src/entities/decode.ts',
    find: 'if (reason === null) throw new Untold(',
    replace: 'if (reason === null) continue;\n      new Untold(',
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'an error without a place takes nothing',
    file: 'src/shopify/answered.ts',
    find: "if (nodes !== 'nodes' || typeof i !== 'number' || i < 0 || i >= count) return null;",
    replace: "if (nodes !== 'nodes' || typeof i !== 'number' || i < 0 || i >= count) continue;",
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'an error that leads to a value takes nothing',
    file: 'src/entities/decode.ts',
    find: 'leadsToNull(entity, node, path, withholding.scopes)',
    replace: 'leadsToNull(entity, node, path, withholding.scopes) || true',
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'a later page believes an error without a place',
    file: 'src/shopify/drain.ts',
    find: "if (parent !== 'parent' || (field !== undefined && field !== set.field)) throw new Unfinished(PLACELESS);",
    replace: '',
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'a page of heads is believed beside an error',
    file: 'src/shopify/heads.ts',
    find: 'if (!answer.errors.every((error) => isOfCount(entity, answer, error))) throw new Transient(PLACELESS);',
    replace: '',
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'a count is believed beside an error',
    file: 'src/shopify/heads.ts',
    find: 'answer.errors.length === 0 && parsed.success',
    replace: 'parsed.success',
    suites: [ANSWERS],
  },
  {
    rule: 'R9',
    breakage: 'a scope that comes back owes nothing',
    file: 'src/shop-noted.ts',
    find: '(settings.contentOwed[name] ?? 0) + 1',
    replace: 'settings.contentOwed[name] ?? 0',
    suites: [BACK],
  },
  {
    rule: 'R9',
    breakage: 'what is owed is taken for enqueued before it is',
    file: 'src/shop-noted.ts',
    find: "await queues.send('sweeps', work, { delayMs: PAID_AFTER_MS });\n    paid[entity] = owed;\n  }\n  if (Object.keys(paid).length > 0)\n    await database.updateSettings(store.id, { contentPaid: { ...contentPaid, ...paid } });",
    replace:
      "paid[entity] = owed;\n    await database.updateSettings(store.id, { contentPaid: { ...contentPaid, ...paid } });\n    await queues.send('sweeps', work, { delayMs: PAID_AFTER_MS });\n  }",
    suites: [BACK],
  },
  {
    rule: 'R9',
    breakage: 'a denial outlives the scopes under which it was met',
    file: 'src/denial.ts',
    find: 'haveChanged ? {} :',
    replace: 'haveChanged && false ? {} :',
    suites: [WITHHELD],
  },
  {
    rule: 'R12',
    breakage: 'an order of which nobody knows whose it is is written with whoever stands in it',
    file: 'src/suppression.ts',
    find: 'if (unknown !== null) allowed.set(',
    replace: 'if (unknown === undefined) allowed.set(',
    suites: [OWNER],
  },
  {
    rule: 'R12',
    breakage: 'an owner whom the row knows is not known',
    file: 'src/owners.ts',
    find: '(isWithheld ? standing.get(id) : row)?.[column]',
    replace: 'row[column]',
    suites: [OWNER],
  },
];
