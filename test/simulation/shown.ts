import type { EntityName } from '../../src/entities/registry.ts';
import { compareIds } from '../../src/ids.ts';

/**
 * What a census was shown of each key: by the list as the shop gave it, whatever was spoiled on the way. A page counts
 * once it has been compared, which is when the process commits that it has.
 */
export type Sight =
  | { readonly state: 'live'; readonly updatedAt: number }
  /** The shop had deleted it, and there was a row or a mark. */
  | { readonly state: 'gone' }
  /** It was live, but a spoiled list did not hold it, and neither row nor mark told of it. */
  | { readonly state: 'hidden' };

/** The pages that one process was shown since it began to list, and has not compared. */
export class ShownPages {
  readonly #pending = new Map<EntityName, Map<string, Sight>>();

  begin(entity: EntityName): void {
    this.#pending.delete(entity);
  }

  show(entity: EntityName, sights: ReadonlyMap<string, Sight>): void {
    const pending = this.#pending.get(entity) ?? new Map<string, Sight>();
    for (const [id, sight] of sights) pending.set(id, sight);
    this.#pending.set(entity, pending);
  }

  /** The last id that it was shown and has not compared; null without one. */
  shownTo(entity: EntityName): string | null {
    const shown = [...(this.#pending.get(entity)?.keys() ?? [])].sort(compareIds);
    return shown.at(-1) ?? null;
  }

  /** Those up to this id, or (null) all; the others have not been compared yet. */
  take(entity: EntityName, through: string | null): ReadonlyMap<string, Sight> {
    const pending = this.#pending.get(entity) ?? new Map<string, Sight>();
    const taken = new Map([...pending].filter(([id]) => through === null || compareIds(id, through) <= 0));
    for (const id of taken.keys()) pending.delete(id);
    return taken;
  }
}
