import type { Mutant } from './list.ts';

/** Breakages of what is asked of an answer before it is believed, and of what keeps what was sold. */
const ANSWERED = 'test/answers.test.ts';
const CURSORS = 'test/cursors.test.ts';
const REFUSED = 'test/refused-pages.test.ts';

export const ANSWERS: readonly Mutant[] = [
  {
    rule: 'answers',
    breakage: 'a node counts for the key whose place it stands in',
    file: 'src/shopify/read.ts',
    find: "node['id'] === gid(type, id)",
    replace: "typeof node['id'] === typeof gid(type, id)",
    suites: [ANSWERED],
  },
  {
    rule: 'answers',
    breakage: 'a null beside a node in the wrong place is an absence',
    file: 'src/shopify/read.ts',
    find: 'if (node === null && !sound)',
    replace: 'if (node === null && !sound && i < 0)',
    suites: [ANSWERED],
  },
  {
    rule: 'answers',
    breakage: 'a page of the variants of another product is taken',
    file: 'src/shopify/drain.ts',
    find: "if (parent?.['id'] !== id) throw new Moved();\n    return parent[set.field];",
    replace: 'return parent?.[set.field];',
    suites: [ANSWERED],
  },
  {
    rule: 'answers',
    breakage: 'a page that names a head twice is compared',
    file: 'src/shopify/heads.ts',
    find: 'size < heads.length)',
    replace: 'size < 0)',
    suites: [ANSWERED],
  },
  {
    rule: 'answers',
    breakage: 'heads out of the order of their ids are compared',
    file: 'src/shopify/heads.ts',
    find: "if (sortKey === 'ID' && !inOrder)",
    replace: "if (sortKey === 'ID' && heads.length === 0 && !inOrder)",
    suites: [ANSWERED],
  },
  {
    rule: 'answers',
    breakage: 'a cursor that does not move is followed by a sweep',
    file: 'reconcile/headway.ts',
    find: 'if (heads.length > 0 && digests.includes(digest))',
    replace: 'if (heads.length < 0 && digests.includes(digest))',
    suites: [CURSORS],
  },
  {
    rule: 'answers',
    breakage: 'a census that met a list which goes round keeps its position, and concludes later',
    file: 'reconcile/broken.ts',
    find: 'await database.finishRun(',
    replace: 'if (census === null) await database.finishRun(',
    suites: [CURSORS],
  },
  {
    rule: 'answers',
    breakage: 'pages of variants that repeat are written',
    file: 'src/shopify/drain.ts',
    find: 'if (isAgain) throw',
    replace: 'if (isAgain && pages > 30) throw',
    suites: [CURSORS],
  },
  {
    rule: 'answers',
    breakage: 'a page that was refused waits for its timer',
    file: 'reconcile/work.ts',
    find: 'if (!isOfStore && attempt < REFUSALS_MAX)',
    replace: 'if (!isOfStore && attempt < 0)',
    suites: [REFUSED],
  },
  {
    rule: 'answers',
    breakage: 'a store that is refused as a whole is asked again and again',
    file: 'reconcile/work.ts',
    find: 'if (!isOfStore && attempt < REFUSALS_MAX)',
    replace: 'if (attempt < REFUSALS_MAX)',
    suites: [REFUSED],
  },
];
