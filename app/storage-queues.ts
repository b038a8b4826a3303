import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { Reject, Transient } from '../src/failures.ts';
import type { Poisoned, QueueName, Queues } from '../src/queues.ts';
import { azureCredential } from './identity.ts';
import type { StorageAddress } from './storage-address.ts';

/**
 * The queues on Azure Storage. Messages are base64, as the Functions host expects of host.json's
 * `messageEncoding`; delays are visibility timeouts, which an output binding cannot set. The SDK is loaded with the
 * first message.
 */
const VISIBILITY_MAX_S = 7 * 24 * 3_600;
const POISON_VISIBILITY_S = 60;
/** Never expiring: a signal outlives any outage of the database (R4). */
const FOR_EVER = -1;

/**
 * A delivery waits for its message to be taken, and Shopify waits five seconds for the delivery. What is not durable
 * by then is answered 503, and comes again.
 */
const RETRIES = { maxTries: 3, tryTimeoutInMs: 1_500, retryDelayInMs: 100, maxRetryDelayInMs: 400 };

/** Made by whoever sends to it first; the host makes it too when it listens. */
type ClientOf = (queue: QueueName) => Promise<QueueClient>;

export function openStorageQueues(address: StorageAddress): Queues {
  const service = once(() => connected(address));
  const clients = new Map<QueueName, ClientOf>();
  const clientOf: ClientOf = (queue) => {
    const client =
      clients.get(queue) ?? once(async () => await created((await service()).getQueueClient(queue)));
    clients.set(queue, client);
    return client(queue);
  };
  return {
    send: async (queue, message, { delayMs = 0 } = {}) => {
      const visibilityTimeout = Math.min(Math.ceil(delayMs / 1_000), VISIBILITY_MAX_S);
      const text = Buffer.from(JSON.stringify(message)).toString('base64');
      await told(queue, async () => {
        const client = await clientOf(queue);
        await client.sendMessage(text, { visibilityTimeout, messageTimeToLive: FOR_EVER });
      });
    },
    poisoned: (queue, limit) =>
      told(queue, async () => {
        const client = (await service()).getQueueClient(`${queue}-poison`);
        return (await receivedFrom(client, limit)).map((item) => poisonedOf(queue, client, item));
      }),
  };
}

/** Remembers what was made, unless that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

async function connected(address: StorageAddress): Promise<QueueServiceClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const options = { retryOptions: RETRIES };
  if (address.kind === 'connection string') {
    try {
      return QueueServiceClient.fromConnectionString(address.text.reveal(), options);
    } catch {
      // Without its cause, which quotes the text, and the text holds the account's key (R12).
      throw new Reject('AzureWebJobsStorage is no connection string of a storage account: copy it anew');
    }
  }
  return new QueueServiceClient(address.url, await azureCredential(address.identity), options);
}

async function created(client: QueueClient): Promise<QueueClient> {
  await client.createIfNotExists();
  return client;
}

/** None when there is no such queue: the host makes it with the first message that it puts there. */
async function receivedFrom(client: QueueClient, limit: number): Promise<readonly DequeuedMessageItem[]> {
  try {
    const options = { numberOfMessages: Math.min(limit, 32), visibilityTimeout: POISON_VISIBILITY_S };
    return (await client.receiveMessages(options)).receivedMessageItems;
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}

function poisonedOf(queue: QueueName, client: QueueClient, item: DequeuedMessageItem): Poisoned {
  const { messageId, popReceipt, messageText } = item;
  const hiddenS = (ms: number) => Math.min(Math.ceil(ms / 1_000), VISIBILITY_MAX_S);
  return {
    text: Buffer.from(messageText, 'base64').toString('utf8'),
    remove: () => told(queue, async () => void (await client.deleteMessage(messageId, popReceipt))),
    hide: (ms) =>
      told(
        queue,
        async () => void (await client.updateMessage(messageId, popReceipt, undefined, hiddenS(ms))),
      ),
  };
}

async function told<T>(queue: QueueName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Reject) throw cause;
    const status = statusOf(cause) ?? 'no answer';
    throw new Transient(`the storage queue "${queue}" cannot be used now (${status})`, { cause });
  }
}

const statusOf = (error: unknown): number | null =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
