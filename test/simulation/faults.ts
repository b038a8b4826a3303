/** Everything that can go wrong, by name. A run has at most six kinds; every kind must strike in a campaign. */
export const DELIVERY_FAULTS = ['lost', 'doubled', 'late', 'reordered', 'forged', 'replayed'] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

export const API_FAULTS = [
  'serverError',
  'tooManyRequests',
  'garbage',
  'abort',
  'slow',
  'throttled',
  'tokenRevoked',
  'tokenExpired',
] as const;
export type ApiFault = (typeof API_FAULTS)[number];

/** An answer that was right is spoiled on its way (spoilers.ts): the shop itself knows nothing of it. */
export const SPOILERS = [
  /** An error on one field of one object, denied or failed, with its path. */
  'fieldError',
  /** An object, or a list inside it, is null because of an error on it. */
  'refusedObject',
  /** A list inside an object is null, and no error says why. */
  'nullList',
  /** An error without a path, or on all of `nodes`, beside objects with fields that are null. */
  'pathlessError',
  'swappedNodes',
  'repeatedNode',
  'swappedHeads',
  'repeatedHead',
  /** There is more behind a cursor that is the one that was sent. */
  'stuckCursor',
  /** The page before is given once more. */
  'repeatedPage',
  /** A census is shown the beginning of its list, as if that were all. */
  'shortList',
  /** The `Date` of one answer is minutes or days ahead, or a day old. */
  'jumpedDate',
  /** The `updatedAt` of one object or head lies decades ahead. */
  'absurdVersion',
  /** One 403, as a proxy sends it. */
  'forbidden',
] as const;
export type Spoiler = (typeof SPOILERS)[number];

/** What befalls a store or a process, and stays until it is taken back. */
export const EVENTS = [
  /** The clock of one process is set, by hours. */
  'steppedClock',
  /** No token works and none is granted, as after an uninstallation; with or without a delivery that says so. */
  'disconnected',
  /** A signed body says that the app was uninstalled, which it is not, and one 403 seems to agree. */
  'falseUninstall',
  /** An operator pauses the store. */
  'storePaused',
  'scopeGone',
  /** The shop gets another domain. */
  'renamed',
  /** A census finds so much gone that the brake holds it. */
  'brakeHeld',
] as const;
export type Event = (typeof EVENTS)[number];

export const FAULTS = [
  ...DELIVERY_FAULTS,
  ...API_FAULTS,
  ...SPOILERS,
  ...EVENTS,
  /** Reads by id and lists show the shop as it was, differently from one request to the next. */
  'replicaLag',
  /** The search index shows objects where they stood. */
  'indexLag',
  /** The search index never shows one object. */
  'omitted',
  /** The database fails without, or in spite of, having carried out what it was asked. */
  'databaseBefore',
  'databaseAfter',
  /** A queue does not take a message. */
  'queueAway',
  /** A process is held up in the middle of its work while the other goes on. */
  'paused',
  /** A process writes under a lease that somebody else has by now. */
  'fenced',
  /** A message is worked on twice at once, or again. */
  'redelivered',
  'crash',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Struck by circumstance; the others are switched on by a plan. */
type Circumstance = 'fenced' | 'redelivered';
export type Planned = Exclude<Fault, Circumstance>;
export const PLANNED: readonly Planned[] = FAULTS.filter(
  (fault): fault is Planned => fault !== 'fenced' && fault !== 'redelivered',
);
