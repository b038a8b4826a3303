/**
 * Expiring offline tokens as Shopify keeps them for one app in one shop: an access token for an hour and a refresh
 * token for 90 days, given for a code that a merchant's consent made, or for an earlier refresh token.
 *
 * Where the documentation leaves a choice the harder one is taken: a new pair ends the former access token at once,
 * and a refresh token that is used a second time, which is allowed until its replacement is used and for 30 days,
 * ends the pair that the first use gave.
 */
import type { Random } from '../random.ts';

export const ACCESS_SECONDS = 3600;
export const REFRESH_SECONDS = 90 * 24 * 3600;
const RETRY_MS = 30 * 24 * 3600 * 1000;
const CODE_MS = 60_000;

export interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Refresh {
  readonly token: string;
  readonly expiresAt: number;
  firstUsedAt: number | null;
}

export class OfflineTokens {
  readonly #clock: () => number;
  readonly #codes = new Map<string, number>();
  #access: { readonly token: string; readonly expiresAt: number } | null = null;
  /** The one given last, and the one that it was given for. */
  #newest: Refresh | null = null;
  #former: Refresh | null = null;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  accepts(accessToken: string): boolean {
    return this.#access?.token === accessToken && this.#clock() < this.#access.expiresAt;
  }

  /** A merchant has agreed. */
  code(random: Random): string {
    const code = random.hex(32);
    this.#codes.set(code, this.#clock() + CODE_MS);
    return code;
  }

  /** Null for a code that is unknown, used or older than a minute. Every earlier token ends. */
  exchange(code: string, random: Random): Pair | null {
    const expiresAt = this.#codes.get(code);
    this.#codes.delete(code);
    if (expiresAt === undefined || this.#clock() >= expiresAt) return null;
    this.#former = null;
    return this.#give(random);
  }

  /** Null for a refresh token that is not active. */
  renew(refreshToken: string, random: Random): Pair | null {
    const used = [this.#newest, this.#former].find((each) => each?.token === refreshToken);
    const now = this.#clock();
    if (!used || now >= used.expiresAt || now >= (used.firstUsedAt ?? now) + RETRY_MS) return null;
    used.firstUsedAt ??= now;
    this.#former = used;
    return this.#give(random);
  }

  /** The access token ends before its time; it can be renewed. */
  endAccess(): void {
    this.#access = null;
  }

  revoke(): void {
    this.#access = null;
    this.#newest = null;
    this.#former = null;
  }

  #give(random: Random): Pair {
    const now = this.#clock();
    const pair = { accessToken: `shpat_${random.hex(32)}`, refreshToken: `shprt_${random.hex(32)}` };
    this.#access = { token: pair.accessToken, expiresAt: now + ACCESS_SECONDS * 1000 };
    this.#newest = { token: pair.refreshToken, expiresAt: now + REFRESH_SECONDS * 1000, firstUsedAt: null };
    return pair;
  }
}
