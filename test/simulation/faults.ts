/** Everything that can go wrong, by name. A run has at most five kinds; every kind must strike in a campaign. */
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

export const FAULTS = [
  ...DELIVERY_FAULTS,
  ...API_FAULTS,
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
