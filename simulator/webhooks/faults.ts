/** How webhooks go wrong on their way, each as a chance per delivery. All are off unless set. */
export interface CourierFaults {
  /** Never sent. */
  lost: number;
  /** Sent twice, the second time a moment later. */
  doubled: number;
  /** Sent `lateMs` after the event. */
  late: number;
  lateMs: number;
  /** Held back for up to `reorderedMs`, so that a later one overtakes it. */
  reordered: number;
  reorderedMs: number;
  /** Followed by a copy that somebody signed with a secret that is not the app's. */
  forged: number;
  /** Nobody answers. */
  down: boolean;
  /** Whether a repeated delivery comes under a new `X-Shopify-Webhook-Id`; Shopify does not say. */
  newIdOnRetry: boolean;
}

export const noFaults = (): CourierFaults => ({
  lost: 0,
  doubled: 0,
  late: 0,
  lateMs: 60_000,
  reordered: 0,
  reorderedMs: 800,
  forged: 0,
  down: false,
  newIdOnRetry: false,
});
