import { z } from 'zod';

/**
 * The body of an answer of the Admin API, as far as it is believed. It is parsed because a proxy or a maintenance
 * page may answer 200 with anything. Messages of errors are left out: they can quote what was asked, and the codes
 * say all that is acted on.
 */
const throttleStatus = z.object({
  maximumAvailable: z.number().positive(),
  currentlyAvailable: z.number(),
  restoreRate: z.number().positive(),
});

const cost = z.object({
  requestedQueryCost: z.number(),
  /** Null when the query was not executed. */
  actualQueryCost: z.number().nullable(),
  throttleStatus,
});

const refusal = z.object({
  path: z.array(z.union([z.string(), z.number()])).nullish(),
  extensions: z.object({ code: z.string().optional() }).nullish(),
});

export const graphqlBody = z
  .object({
    data: z.record(z.string(), z.unknown()).nullish(),
    errors: z.union([z.string(), z.array(refusal)]).optional(),
    // A cost that cannot be read is one that was not told: the answer itself is still good.
    extensions: z
      .object({ cost: cost.optional().catch(undefined) })
      .optional()
      .catch(undefined),
  })
  .refine(({ data, errors }) => data !== undefined || errors !== undefined, 'is no answer to a query');
export type GraphqlBody = z.output<typeof graphqlBody>;
