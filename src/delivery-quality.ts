/**
 * What webhooks are worth, by topic: how many changes were announced at all, and how long it took until the row was
 * right. A lost delivery is known only by the gap that it left, and one gap may stand for several of them, so a loss
 * rate is a lower bound.
 */
export interface TopicQuality {
  readonly topic: string;
  /** Deliveries; one about several keys counts once. */
  readonly delivered: number;
  /** Gaps that this topic would have announced and did not. */
  readonly lost: number;
  /** Of the delivered, those that came after their change had been found. */
  readonly late: number;
  /** Of all that should have been announced; null when there was nothing. */
  readonly deliveryRate: number | null;
  readonly lossRate: number | null;
  /** From Shopify's trigger to the committed row. */
  readonly lagP50Ms: number | null;
  readonly lagP90Ms: number | null;
  readonly lagP99Ms: number | null;
}

export function qualityOf(
  topic: string,
  counts: { readonly delivered: number; readonly lost: number; readonly late: number },
  lagsMs: readonly number[],
): TopicQuality {
  const all = counts.delivered + counts.lost;
  const sorted = [...lagsMs].sort((a, b) => a - b);
  return {
    topic,
    ...counts,
    deliveryRate: all === 0 ? null : counts.delivered / all,
    lossRate: all === 0 ? null : counts.lost / all,
    lagP50Ms: percentile(sorted, 0.5),
    lagP90Ms: percentile(sorted, 0.9),
    lagP99Ms: percentile(sorted, 0.99),
  };
}

/** The value below which the share `p` of the sorted values lies. */
export const percentile = (sorted: readonly number[], p: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? null;
