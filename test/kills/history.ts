/** The mirror from death to death: no row may go back or disappear (R2). */
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import type { Outside, Version } from './outside.ts';

export class History {
  readonly broken: string[] = [];
  /** Rows that were compared, over all looks. */
  compared = 0;
  readonly #outside: Outside;
  readonly #last = new Map<EntityName, ReadonlyMap<string, Version>>();

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  async look(): Promise<void> {
    for (const name of ENTITY_NAMES) {
      const now = await this.#outside.versions(name);
      for (const [id, was] of this.#last.get(name) ?? []) {
        this.compared++;
        const fault = faultOf(was, now.get(id));
        if (fault !== null) this.broken.push(`${name} ${id} ${fault}`);
      }
      this.#last.set(name, now);
    }
  }
}

function faultOf(was: Version, is: Version | undefined): string | null {
  if (is === undefined) return 'disappeared';
  // A tombstone may rise by what Shopify says, at any version.
  if (was.deletedAt !== null) return null;
  if (is.updatedAt < was.updatedAt) return 'went back in time';
  return is.updatedAt === was.updatedAt && is.readAt < was.readAt
    ? 'was overwritten by an earlier read'
    : null;
}
