import { z } from 'zod';

/** A message of the `errands` queue: something small to be done for a store, beside reading it. */
export const errand = z.discriminatedUnion('errand', [
  /** Its change events wait. As with a doorbell, a doubled or lost one costs next to nothing. */
  z.object({ errand: z.literal('announce'), storeId: z.int() }),
]);
export type Errand = z.output<typeof errand>;

export const announcing = (storeId: number): Errand => ({ errand: 'announce', storeId });
