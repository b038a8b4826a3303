import { z } from 'zod';

/** A message of the `errands` queue: something small to be done for a store, beside reading it. */
export const errand = z.discriminatedUnion('errand', [
  /** Its change events wait. As with a doorbell, a doubled or lost one costs next to nothing. */
  z.object({ errand: z.literal('announce'), storeId: z.int() }),
  /** Somebody says that its app was uninstalled: see `confirmUninstall`. */
  z.object({
    errand: z.literal('uninstalled'),
    storeId: z.int(),
    looks: z.int().default(0),
    attempt: z.int().default(0),
  }),
  /** A delivery came for it while it rests: it is counted, and a reason to look at its credentials soon. */
  z.object({ errand: z.literal('unheard'), storeId: z.int(), attempt: z.int().default(0) }),
]);
export type Errand = z.output<typeof errand>;

export const announcing = (storeId: number): Errand => ({ errand: 'announce', storeId });

export const unheard = (storeId: number): Errand => ({ errand: 'unheard', storeId, attempt: 0 });

export const uninstalled = (storeId: number): Errand => ({
  errand: 'uninstalled',
  storeId,
  looks: 0,
  attempt: 0,
});
