import { hash } from 'node:crypto';
import { BrokenList } from '../src/failures.ts';
import type { Head } from '../src/shopify/heads.ts';

/**
 * Whether the pages of a sweep still bring anything. What changes meanwhile moves to the end and is rightly listed
 * again, so a head that came before proves nothing; a page that is wholly the same as a late one, or page after page
 * without a single new head, is a list that goes round. A page is remembered by its digest, so that it is known again
 * by whoever goes on with an interrupted sweep.
 */
export interface Headway {
  /** Digests of the latest pages that had more behind them, latest last. */
  readonly recent: readonly string[];
}

const RECENT_PAGES = 8;
/** Pages in a row without anything new. */
const IDLE_PAGES_MAX = 3;

export function headway(entity: string, { recent }: Headway) {
  const seen = new Set<string>();
  let digests = [...recent];
  let idle = 0;
  return {
    /** To be told of every page that has more behind it. Throws when the sweep does not get on. */
    add(heads: readonly Pick<Head, 'id' | 'updatedAt'>[]): void {
      const listed = heads.map(({ id, updatedAt }) => `${id}@${updatedAt}`);
      idle = listed.some((head) => !seen.has(head)) ? 0 : idle + 1;
      for (const head of listed) seen.add(head);
      const digest = hash('sha1', listed.sort().join(), 'base64').slice(0, 12);
      if (heads.length > 0 && digests.includes(digest))
        throw new BrokenList(`the pages of Shopify's list of ${entity} repeat; the watermark stays`);
      if (idle >= IDLE_PAGES_MAX)
        throw new BrokenList(
          `${idle} pages of Shopify's list of ${entity} brought nothing new; the watermark stays`,
        );
      digests = [...digests, digest].slice(-RECENT_PAGES);
    },
    so: (): Headway => ({ recent: digests }),
  };
}
