import type { EntityName } from './entities/registry.ts';

/** A lease is the right to refresh, sweep or count one key space until a time, with a token that every write checks. */

export type LeaseKind = 'refresh' | 'sweep' | 'census';

export interface Lease {
  readonly storeId: number;
  readonly entity: EntityName;
  readonly kind: LeaseKind;
  /** Fresh and random at each acquisition: what every write checks first (fencing). */
  readonly token: string;
}
