import type { Certificate } from '../src/certificate.ts';
import type { Paint } from './screen.ts';

/** Certificates as a table: what each census compared, found and repaired, and what it therefore proves. */
const HEADINGS = [
  'entity',
  'depth',
  'Shopify',
  'listed',
  'mirror',
  'missing',
  'newer',
  'gone',
  'other',
  'repaired',
  'checked',
  'points',
  'verdict',
] as const;

export function certificateTable(certificates: readonly Certificate[], paint: Paint): readonly string[] {
  if (certificates.length === 0) return [];
  const table = [HEADINGS, ...certificates.map(cells)];
  const widths = HEADINGS.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const [headings, ...lines] = table.map((row) => row.map((cell, i) => padded(cell, widths[i] ?? 0, i)));
  return [
    paint('bold', 'Certificates'),
    paint('dim', (headings ?? []).join('  ')),
    ...lines.flatMap((line, i) => [
      line.join('  '),
      ...(certificates[i]?.remarks ?? []).map((remark) => paint('dim', `    ${remark}`)),
    ]),
    ...LEGEND.map((line) => paint('dim', line)),
  ];
}

/** What the headings mean. */
const LEGEND = [
  'other: marked already, not settled yet, buried though live, with other children, lacking a column that may be seen now,',
  '       younger than the list, or (depth content) read whole whatever its head says',
  'repaired: rows that reading these keys changed; a first mirror repairs every row',
  'checked: keys that the census left out of its own list, and found missing, to test itself',
  'matched: everything that Shopify last changed more than 30 s before this census began is mirrored exactly. What changed',
  '         later was not passed over: no row is older than what the census saw of it; it may be newer in Shopify.',
] as const;

const cells = (certificate: Certificate): readonly string[] => {
  const { entity, depth, counted, listed, mirrorBefore, completedAt, found, completion } = certificate;
  const after = completedAt === null ? '…' : String(completion.mirrorAfter);
  const verdict =
    certificate.verdict === 'waiting' ? `waiting for ${certificate.waiting} keys` : certificate.verdict;
  return [
    entity,
    depth,
    counted === null ? '–' : String(counted),
    String(listed),
    `${mirrorBefore} → ${after}`,
    ...[found.missing, found.newer, found.vanished, found.other].map(String),
    String(completion.repaired),
    certificate.planted === null ? '–' : `${certificate.detected} of ${certificate.planted}`,
    String(certificate.points),
    verdict,
  ];
};

/** Words to the left, numbers to the right; nothing follows the last. */
const padded = (cell: string, width: number, column: number): string =>
  column === HEADINGS.length - 1 ? cell : column < 2 ? cell.padEnd(width) : cell.padStart(width);
