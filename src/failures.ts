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

/**
 * A list of Shopify's that cannot be one: a cursor that does not move, pages that repeat, an id twice or out of its order.
 * Whoever walks it would never arrive, or would take an object for another; what was read of it proves nothing.
 */
export class BrokenList extends Transient {}

/** The app sees other objects than was believed when they were asked for: whoever asked asks anew, knowing better. */
export class OtherSight extends Transient {}

/** This record, request or store cannot succeed as it is. The message says what the operator does. */
export class Reject extends Error {
  override readonly name = 'Reject';
}

/** Shopify's schema does not have a field that was asked for. */
export class UnknownField extends Reject {}

/** The store's credentials or scopes are refused: it needs attention, the other stores go on. */
export class NeedsAttention extends Reject {}

/** Shopify refuses the store's token (401), or to grant another: the app may have been uninstalled. */
export class AccessRefused extends NeedsAttention {}

/** It is the app itself that is refused, by its id and secret: that tells nothing of its installation in a store. */
export class ClientRefused extends AccessRefused {}

/** The shop has another name now. */
export class Moved extends NeedsAttention {
  readonly to: string;
  constructor(origin: string, to: string) {
    super(
      `${origin} is called ${to} now: Shopify redirects the old name. Set SHOPIFY_SHOP to the new one, or add or install the store under it; the store and what is mirrored of it stay`,
    );
    this.to = to;
  }
}

/** Shopify knows no store of that name. */
export class UnknownShop extends NeedsAttention {
  constructor() {
    super('Shopify knows no such store (404): check SHOPIFY_SHOP, it ends in .myshopify.com');
  }
}

/** No secret can be read at all, whatever is in it: a right or a setting of the vault is wrong. */
export class VaultClosed extends NeedsAttention {}

/** The database lets nobody in who comes as we do: the login in its address is wrong, or no longer right. */
export class LoginRefused extends Reject {}

/** Somebody else holds the lease by now; whatever was about to be written must not be. Expected, not an error. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}
