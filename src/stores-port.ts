import type { Activation, ShopFacts, Store, StoreSettings } from './store.ts';

/** The part of the port to the database that is about stores themselves: who they are, and whether they rest. */
export interface StoresPort {
  stores(): Promise<readonly Store[]>;
  /**
   * A store whose shop id nobody knows yet: the one that has, or had, this name, with this secret from now on; or a new
   * one that rests until it is activated.
   */
  registerStore(store: Activation): Promise<Store>;
  /**
   * Creates the store, or finds it by its shop id and gives it this name, or finds it by its name (R17), in one transaction
   * that nobody does at the same time. One that rested starts anew: no watermark, a raised epoch. Not one that is
   * paused. Answers the store as it then is; nothing of it was changed if it has another shop id, or a rival's name.
   */
  activateStore(store: Activation): Promise<Store>;
  /** It rests as disconnected: its credentials are refused since the first refusal that was noted, or now. */
  deactivateStore(storeId: number): Promise<void>;
  /** It rests until `endPause`, and is then due to be looked at. */
  pauseStore(storeId: number): Promise<void>;
  endPause(storeId: number): Promise<void>;
  /** Its credentials were refused. Answers how many milliseconds ago that was first noted since they last worked. */
  noteRefusal(storeId: number): Promise<number>;
  /** Its credentials worked: whatever refusal was noted proves nothing any more. */
  noteAccess(storeId: number): Promise<void>;
  /** Whether a store that rests, and is not paused, was not looked at in the latest `afterMs`; then this is a look. */
  takeLook(storeId: number, afterMs: number): Promise<boolean>;
  /** The next look at a store that rests is due, and the looks count anew. */
  lookSoon(storeId: number): Promise<void>;
  /** One more delivery came for a store that rests. */
  countUnheard(storeId: number): Promise<void>;
  /** What Shopify says of the shop, with its scopes, and what changes with them: all or nothing. */
  recordShop(storeId: number, facts: ShopFacts, change?: Partial<StoreSettings>): Promise<void>;
  updateSettings(storeId: number, change: Partial<StoreSettings>): Promise<void>;
}
