/** The parts of `host.json` that this host obeys, with the real host's defaults. Everything else is Azure's. */

import { z } from 'zod';

/** The parsed file as it stands; it is checked when a host starts. */
export type HostJson = { readonly [key: string]: unknown };

const timeSpan = z.string().transform((text, context) => {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/.exec(text);
  if (!match) {
    context.addIssue(`"${text}" is not a time span; write hours:minutes:seconds, like 00:10:00`);
    return z.NEVER;
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1_000 + Math.round(Number(`0.${fraction}`) * 1_000);
});

/** Defaults and limits: Azure docs "functions-bindings-storage-queue", "functions-host-json". */
const queueSettings = z
  .looseObject({
    batchSize: z.int().min(1).max(32).default(16),
    newBatchThreshold: z.int().min(0).optional(),
    maxDequeueCount: z.int().min(1).default(5),
    visibilityTimeout: timeSpan.default(0),
  })
  .transform(({ batchSize, newBatchThreshold, maxDequeueCount, visibilityTimeout }) => ({
    batchSize,
    newBatchThreshold: newBatchThreshold ?? Math.floor(batchSize / 2),
    maxDequeueCount,
    /** How long a message stays away after a failure. */
    visibilityTimeoutMs: visibilityTimeout,
  }));

const hostJson = z
  .looseObject({
    version: z.literal('2.0'),
    functionTimeout: z
      .literal('-1')
      .transform(() => Number.POSITIVE_INFINITY)
      .or(timeSpan)
      .default(30 * 60_000),
    extensions: z
      .looseObject({
        http: z
          .looseObject({
            routePrefix: z.string().default('api'),
            customHeaders: z.record(z.string(), z.string()).default({}),
          })
          .prefault({}),
        queues: queueSettings.prefault({}),
      })
      .prefault({}),
  })
  .transform(({ functionTimeout, extensions }) => ({
    functionTimeoutMs: functionTimeout,
    routePrefix: extensions.http.routePrefix,
    /** On every answer, whoever gives it. */
    customHeaders: extensions.http.customHeaders,
    queues: extensions.queues,
  }));

export type HostSettings = z.output<typeof hostJson>;
export type QueueSettings = HostSettings['queues'];

export function readHostJson(file: HostJson): HostSettings {
  const parsed = hostJson.safeParse(file);
  if (!parsed.success) throw new Error(`Correct host.json:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Replaces `%NAME%` by the setting of that name, as bindings in Azure do. */
export function resolveSettings(
  text: string,
  settings: Readonly<Record<string, string>>,
  where: string,
): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`${where} needs the setting ${name}. Set it and start again.`);
    return value;
  });
}
