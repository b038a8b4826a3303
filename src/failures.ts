/**
 * Three kinds of failure, and the class is the policy: a `Transient` is tried again, a `Reject` is parked with
 * what the operator has to do, and anything else is a bug that ends the invocation. Drivers and HTTP are
 * translated where they are called, by number and code, never by the text of a message.
 */

/** Will pass by itself; `retryAfterMs` is when trying again makes sense. */
export class Transient extends Error {
  override readonly name = 'Transient';
  readonly retryAfterMs: number;
  constructor(message: string, options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 1_000;
  }
}

/** Shopify broke while it worked on this very query. */
export class Unserved extends Transient {}

/** This record, request or store cannot succeed as it is. The message says what the operator does. */
export class Reject extends Error {
  override readonly name = 'Reject';
}

/** The store's credentials or scopes are refused: it needs attention, the other stores go on. */
export class NeedsAttention extends Reject {}

/** The credentials themselves are refused: they were revoked, or the app is not installed any more. */
export class Refused extends NeedsAttention {}

/** Somebody else holds the lease by now; whatever was about to be written must not be. Expected, not an error. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}
