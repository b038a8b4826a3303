/**
 * Shopify's rule for webhooks that were not answered with 2xx: eight more tries within four hours, at growing
 * distances. Which distances is not documented; here each is twice the one before.
 */
export const RETRIES_MAX = 8;
const WINDOW_MS = 4 * 3_600_000;

/** How long to wait before try number `retry` (1 to 8): 56 seconds at first, two hours at last. */
export function retryDelayMs(retry: number): number {
  return Math.round((WINDOW_MS * 2 ** (retry - 1)) / (2 ** RETRIES_MAX - 1));
}
