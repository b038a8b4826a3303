import { type QueueClient, QueueServiceClient, RestError } from '@azure/storage-queue';
import { Transient } from '../src/failures.ts';
import type { QueueName, Queues } from '../src/queues.ts';

/**
 * The queues on Azure Storage. Messages are base64, as the Functions host expects of host.json's
 * `messageEncoding`; delays are visibility timeouts, which an output binding cannot set.
 */
const VISIBILITY_MAX_S = 7 * 24 * 3_600;
/** Never expiring: a signal outlives any outage of the database (R4). */
const FOR_EVER = -1;

export function openStorageQueues(connectionString: string): Queues {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const clients = new Map<QueueName, Promise<QueueClient>>();
  const clientOf = (queue: QueueName): Promise<QueueClient> => {
    const standing = clients.get(queue) ?? created(service.getQueueClient(queue));
    clients.set(queue, standing);
    standing.catch(() => clients.delete(queue));
    return standing;
  };
  return {
    send: async (queue, message, { delayMs = 0 } = {}) => {
      const visibilityTimeout = Math.min(Math.ceil(delayMs / 1_000), VISIBILITY_MAX_S);
      try {
        const client = await clientOf(queue);
        const text = Buffer.from(JSON.stringify(message)).toString('base64');
        await client.sendMessage(text, { visibilityTimeout, messageTimeToLive: FOR_EVER });
      } catch (cause) {
        const status = cause instanceof RestError ? (cause.statusCode ?? 'no answer') : 'no answer';
        throw new Transient(`the storage queue "${queue}" took no message (${status})`, { cause });
      }
    },
  };
}

async function created(client: QueueClient): Promise<QueueClient> {
  await client.createIfNotExists();
  return client;
}
