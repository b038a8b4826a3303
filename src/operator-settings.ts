import { z } from 'zod';

/**
 * Who counts as an operator, from the environment. It is read while functions are registered, so it never throws: what
 * makes no sense lets nobody in, and `readConfig` reports the problems with all others.
 */
export interface OperatorSettings {
  /** `key`: a function key. `entra`: a person who signed in with Microsoft Entra ID and has the app role. */
  readonly auth: 'key' | 'entra';
  readonly role: string;
  /** From where they may call; null is from everywhere. */
  readonly ranges: readonly AddressRange[] | null;
}

export interface AddressRange {
  /** Of version 4 or 6. */
  readonly address: string;
  readonly prefix: number;
}

const DEFAULT_ROLE = 'Driftless.Operator';
const AUTHS = ['key', 'entra'] as const;

export function operatorSettings(environment: Readonly<Record<string, string | undefined>>): {
  readonly settings: OperatorSettings;
  /** Each a predicate of its setting. */
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const named = environment['OPERATOR_AUTH'] || 'key';
  const auth = AUTHS.find((known) => known === named);
  if (auth === undefined) problems.push(`OPERATOR_AUTH is none of ${AUTHS.join(', ')}`);
  const listed = environment['OPERATOR_IP_RANGES'] || null;
  const texts = (listed ?? '').split(',').map((text) => text.trim());
  const given = texts.filter((text) => text !== '');
  const ranges = given.flatMap((text) => rangeOf(text) ?? []);
  // A list of nothing is a mistake of somebody who meant to keep others out.
  if (ranges.length < given.length || (listed !== null && given.length === 0))
    problems.push(
      'OPERATOR_IP_RANGES holds what is no range: write 203.0.113.0/24, 2001:db8::/32, or single addresses, with commas between them',
    );
  return {
    settings: {
      auth: auth ?? 'key',
      role: environment['OPERATOR_ROLE'] || DEFAULT_ROLE,
      ranges: listed === null && auth !== undefined ? null : ranges,
    },
    problems,
  };
}

function rangeOf(text: string): AddressRange | null {
  const ranged = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  if (!z.union([z.cidrv4(), z.cidrv6()]).safeParse(ranged).success) return null;
  const [address = '', prefix] = ranged.split('/');
  return { address, prefix: Number(prefix) };
}
