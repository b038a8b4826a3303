import type { QueueName } from '../../src/queues.ts';
import { CRASH_POINTS, type CrashPoint, type Operation, type Site } from './crash-points.ts';
import type { Spoiler } from './faults.ts';

/** Which places of the work a message of a queue comes by, so that what a plan breaks is there to be broken. */
export const isCrashPoint = (site: Site): site is CrashPoint => CRASH_POINTS.some((point) => point === site);

export const AT_THE_DOOR: readonly Site[] = [
  'signal enqueued, delivery not answered',
  'delivery answered, signal not worked',
];
export const IN_A_TICK: readonly Site[] = ['tick rang, stalled runs not looked at'];
export const ASKING: readonly Site[] = ['Shopify not asked yet', 'Shopify has answered'];
const IN_SIGNALS: readonly Site[] = [
  'signal taken, not marked',
  'signal marked, doorbell not rung',
  'message worked, not completed',
];
const IN_REFRESHES: readonly Site[] = [
  'lease taken, no mark taken',
  'marks taken, nothing read',
  'read, not committed',
  'committed, not linked',
  'linked, lease held',
  'lease released, doorbell not completed',
  'message worked, not completed',
];
export const IN_SWEEPS: readonly Site[] = [
  'sweep begun, no page asked',
  'sweep page compared, not committed',
  'sweep page committed, next not asked',
  'last sweep page committed, watermark not moved',
  'watermark moved, sweep not finished',
  'detector done, lease held',
];
export const IN_CENSUSES: readonly Site[] = [
  'census begun, no range compared',
  'census range compared, not committed',
  'census range committed, next not asked',
  'census compared, not concluded',
  'census concluded, held marks not freed',
  'held marks freed, census not finished',
  'detector done, lease held',
];
/** Which answers there are to spoil: of lists, and of reads by id. */
export const IN_LISTS: readonly Spoiler[] = [
  ...(['swappedHeads', 'repeatedHead', 'stuckCursor', 'repeatedPage', 'shortList'] as const),
  ...(['jumpedDate', 'absurdVersion', 'forbidden'] as const),
];
export const IN_READS: readonly Spoiler[] = [
  ...(['fieldError', 'refusedObject', 'nullList', 'pathlessError', 'swappedNodes', 'repeatedNode'] as const),
  ...(['jumpedDate', 'absurdVersion', 'forbidden'] as const),
];
const IN_PRIVACY: readonly Site[] = [
  'request recorded, nobody suppressed',
  'suppressed, no row emptied',
  'rows emptied, request not ended',
  'message worked, not completed',
];
export const IN_MESSAGES: Readonly<Record<QueueName, readonly Site[]>> = {
  signals: IN_SIGNALS,
  refresh: IN_REFRESHES,
  sweeps: [...IN_SWEEPS, ...IN_CENSUSES],
  errands: [],
  privacy: IN_PRIVACY,
};

/** Operations of the port that a message of a queue, or a tick, needs. */
export const OPERATIONS: Readonly<Record<QueueName | 'tick', readonly Operation[]>> = {
  signals: ['mark', 'idsBy', 'stores'],
  refresh: [
    ...(['stores', 'acquireLease', 'takeMarks', 'burialFacts', 'contents', 'commitRefresh'] as const),
    ...(['suppressed', 'inheritSuppressions', 'link'] as const),
    ...(['renewLease', 'releaseLease', 'nextDueInMs'] as const),
  ],
  sweeps: [
    ...(['acquireLease', 'releaseLease', 'syncState', 'mirrorOf', 'liveInWindow', 'keysInRange'] as const),
    ...(['commitDetection', 'startRun', 'run', 'finishRun', 'releaseHeld', 'burialFacts'] as const),
  ],
  errands: [],
  privacy: [
    ...(['recordPrivacyRequest', 'takePrivacyRequest', 'suppress', 'idsBy', 'eraseRows'] as const),
    ...(['heldExports', 'privacyCounts', 'endPrivacyRequest'] as const),
  ],
  tick: ['dueDoorbells', 'stalledRuns', 'finishRun', 'linkAll', 'standings', 'gapsSince', 'purge'],
};
