/** How API calls go wrong on their way. Drawn in a fixed order, so that one seed gives one story. */
import type { Random } from '../random.ts';
import type { ApiFaults } from '../shop.ts';

export type ApiFault = 'serverError' | 'tooManyRequests' | 'garbage' | 'abort' | 'tokenRevoked';

const IN_ORDER: readonly ApiFault[] = ['serverError', 'tooManyRequests', 'garbage', 'abort', 'tokenRevoked'];

/** At most one fault strikes a request; being slow comes on top. */
export function drawFault(faults: ApiFaults, random: Random): ApiFault | null {
  // A fault that is off draws nothing, so that turning one on leaves the others' story alone.
  return IN_ORDER.find((fault) => faults[fault] > 0 && random.chance(faults[fault])) ?? null;
}

export const isSlow = (faults: ApiFaults, random: Random): boolean =>
  faults.slow > 0 && random.chance(faults.slow);

/** What a caller of `fetch` sees when the connection breaks: the answer exists and never arrives. */
export class ConnectionLost extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
  }
}
