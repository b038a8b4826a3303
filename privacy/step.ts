import type { PrivacyRequest } from '../src/privacy-request.ts';
import type { Service } from '../src/service.ts';

/** How far one slice of work on a request came. Each kind of request is one function from the first to the second. */
export interface Work {
  readonly service: Service;
  readonly request: PrivacyRequest;
  /** The slice is over: what is left is done by a message of its own. */
  readonly isOver: () => boolean;
}

export type Step =
  | Done
  /** It must not be done, and will not be. */
  | { readonly state: 'refused'; readonly message: string }
  | { readonly state: 'more' }
  /** Something has to pass first, which nobody needs to see to. */
  | { readonly state: 'later'; readonly inMs: number };

export interface Done {
  readonly state: 'done';
  /** For the operator; nothing personal. */
  readonly message: string | null;
  /** The keyed hash of the customer. */
  readonly subject: string | null;
  readonly rows: Readonly<Record<string, number>>;
  /** Files of others that are gone, or the one that was written. */
  readonly exports: readonly string[];
  readonly written: string | null;
}
