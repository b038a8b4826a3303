/** An access token in hand, and when to ask for the next one. Times are this machine's. */
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
