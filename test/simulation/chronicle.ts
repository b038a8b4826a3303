import type { Kind } from '../../simulator/model.ts';
import type { Shop } from '../../simulator/shop.ts';

/** When each object of the shop changed, by the shop's clock: what a certificate promises depends on it. */
interface Step {
  readonly at: number;
  /** Null for its end. */
  readonly updatedAt: number | null;
}

export interface Life {
  readonly kind: Kind;
  readonly id: string;
  readonly gid: string;
  readonly createdAt: number;
  readonly steps: readonly Step[];
}

export class Chronicle {
  readonly #lives = new Map<Kind, Map<string, Life & { readonly steps: Step[] }>>();

  constructor(shop: Shop) {
    for (const kind of ['customers', 'products', 'orders'] as const) {
      const lives = new Map<string, Life & { readonly steps: Step[] }>();
      this.#lives.set(kind, lives);
      shop.collection(kind).onStep = ({ gid, object, at }) => {
        const id = gid.slice(gid.lastIndexOf('/') + 1);
        const known = lives.get(id);
        const step = { at, updatedAt: object?.updatedAt ?? null };
        if (known) known.steps.push(step);
        else lives.set(id, { kind, id, gid, createdAt: object?.createdAt ?? at, steps: [step] });
      };
    }
  }

  /** Everything that ever was. */
  lives(kind: Kind): Iterable<Life> {
    return this.#lives.get(kind)!.values();
  }

  life(kind: Kind, id: string): Life | undefined {
    return this.#lives.get(kind)!.get(id);
  }
}

export const isGone = ({ steps }: Life): boolean => steps.at(-1)!.updatedAt === null;

/** Whether it had been deleted by then; not whether it had not been created yet. */
export const wasGone = ({ steps }: Life, asOf: number): boolean =>
  steps.findLast(({ at }) => at <= asOf)?.updatedAt === null;

/** When it last changed in any way. */
export const touchedAt = ({ steps }: Life): number => steps.at(-1)!.at;

/** When it last changed so that its `updatedAt` moved, was created or deleted. */
export const changedAt = ({ steps }: Life): number => {
  const { updatedAt } = steps.at(-1)!;
  return steps.find((step, i) => steps.slice(i).every((later) => later.updatedAt === updatedAt) && step)!.at;
};
