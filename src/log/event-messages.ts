import type { Message } from './message.ts';

/** What is logged of change events, from the outbox to the topic. */
export const EVENT_MESSAGES = {
  eventsLeft: {
    level: 'Warning',
    logger: 'ChangeEventService',
    properties: ['StoreId', 'Cause'],
    ja: '変更イベントの送信を次の定期処理に任せます: {Cause}',
    en: 'Change events are left to the next tick: {Cause}',
  },
  eventsWait: {
    level: 'Warning',
    logger: 'ChangeEventService',
    properties: ['Events', 'DelayMs', 'Cause'],
    ja: '変更イベントの送信を待っています: {Cause}',
    en: 'Change events wait: {Cause}',
  },
  eventsRefused: {
    level: 'Error',
    logger: 'ChangeEventService',
    properties: ['Events', 'DelayMs', 'Cause'],
    ja: '変更イベントを送信できません。対応が必要です: {Cause}',
    en: 'Change events wait until somebody acts: {Cause}',
  },
  eventsTooLarge: {
    level: 'Error',
    logger: 'ChangeEventService',
    properties: ['StoreId', 'Events'],
    ja: 'トピックに対して大きすぎる変更イベント{Events}件を送信しませんでした',
    en: '{Events} change events that are too large for the topic were left out',
  },
} as const satisfies Readonly<Record<string, Message>>;
