/**
 * An access token in hand, and when to ask for the next one. How long it lives is a duration: its times are those of
 * the monotonic clock, so that a machine whose clock is set back does not take a dead token for a young one.
 */
export interface HeldToken {
  readonly token: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** Ask anew this long before it expires, or at half of a life that is shorter. */
const EARLY_MS = 5 * 60_000;

export const heldFor = (token: string, issuedAt: number, expiresAt: number): HeldToken => ({
  token,
  renewAt: Math.max(expiresAt - EARLY_MS, issuedAt + (expiresAt - issuedAt) / 2),
  expiresAt,
});
