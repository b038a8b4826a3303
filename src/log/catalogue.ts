import { EVENT_MESSAGES } from './event-messages.ts';
import type { PropertyValues } from './message.ts';
import { PRIVACY_MESSAGES } from './privacy-messages.ts';
import { SERVICE_MESSAGES } from './service-messages.ts';
import { SYNC_MESSAGES } from './sync-messages.ts';
import { WEBHOOK_MESSAGES } from './webhook-messages.ts';

/** Everything that the service logs: level, logger, properties, and the text in each language. */
export const MESSAGES = {
  ...SYNC_MESSAGES,
  ...WEBHOOK_MESSAGES,
  ...EVENT_MESSAGES,
  ...PRIVACY_MESSAGES,
  ...SERVICE_MESSAGES,
} as const;

export type MessageName = keyof typeof MESSAGES;
/** The properties that an entry of this name has to give, all of them. */
export type PropertiesOf<K extends MessageName> = Pick<
  PropertyValues,
  (typeof MESSAGES)[K]['properties'][number]
>;
