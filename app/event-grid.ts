import type { EventGridPublisherClient } from '@azure/eventgrid';
import type { CloudEvent } from '../src/change-event.ts';
import type { EventTopicConfig } from '../src/config.ts';
import type { EventTopic, Published } from '../src/outbox.ts';
import { azureCredential, type Identity } from './identity.ts';

/**
 * An Event Grid topic as the outbox sees it. The packages are loaded with the first event, by which time the app has
 * long been started; trying again is the outbox's matter, which knows more than this client does (it does not try
 * again after 429).
 */
type Client = Pick<EventGridPublisherClient<'CloudEvent'>, 'send'>;

/** Below the time for which the outbox has taken the events, three tries included. */
const TIMEOUT_MS = 10_000;
/** What is not answered, or with "later" and no time. */
const RETRY_MS = 1_000;

export function openEventGrid(config: EventTopicConfig, identity: Identity): EventTopic {
  let client: Promise<Client> | null = null;
  return {
    publish: async (events) => {
      client ??= clientOf(config, identity);
      // A package that could not be loaded, or a credential that could not be made, may be there the next time.
      client.catch(() => {
        client = null;
      });
      try {
        await (await client).send(events.map(asSent), { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
        return { state: 'accepted' };
      } catch (error) {
        return publishedOf(error);
      }
    },
  };
}

async function clientOf({ endpoint, key }: EventTopicConfig, identity: Identity): Promise<Client> {
  const { AzureKeyCredential, EventGridPublisherClient } = await import('@azure/eventgrid');
  const options = {
    retryOptions: { maxRetries: 0 },
    // Configuration permits http on this machine alone.
    allowInsecureConnection: endpoint.startsWith('http:'),
  };
  if (key !== null)
    return new EventGridPublisherClient(
      endpoint,
      'CloudEvent',
      new AzureKeyCredential(key.reveal()),
      options,
    );
  return new EventGridPublisherClient(endpoint, 'CloudEvent', await azureCredential(identity), options);
}

const asSent = ({ time, ...event }: CloudEvent) => ({ ...event, time: new Date(time) });

const ADVICE: Readonly<Record<number, string>> = {
  400: 'it takes no CloudEvents: create it with the input schema CloudEventSchemaV1_0',
  401: 'set EVENT_GRID_TOPIC_KEY to one of its keys, or leave it out and give the app the role EventGrid Data Sender',
  403: 'give the app the role EventGrid Data Sender on it, and its network access',
  404: 'there is none at EVENT_GRID_TOPIC_ENDPOINT: copy its endpoint anew',
};

/** By status and name alone: what a service writes into a message is no ground for a decision, and nothing to log. */
function publishedOf(error: unknown): Published {
  const status = numberIn(error, 'statusCode');
  if (status === 413) return { state: 'too large' };
  const advice = status === null ? undefined : ADVICE[status];
  if (advice !== undefined) return { state: 'closed', why: `the topic answered ${status}: ${advice}` };
  const name = error instanceof Error ? error.name : '';
  if (CREDENTIAL_ERRORS.has(name))
    return {
      state: 'closed',
      why: `there is no managed identity for the topic (${name}): enable it, or set EVENT_GRID_TOPIC_KEY`,
    };
  const answered = status === null ? 'did not answer' : `answered ${status}`;
  return { state: 'busy', why: `the topic ${answered}`, retryAfterMs: retryAfterMs(error) };
}

const CREDENTIAL_ERRORS = new Set([
  'AuthenticationError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
  'CredentialUnavailableError',
]);

function retryAfterMs(error: unknown): number {
  const response: unknown = error instanceof Error && 'response' in error ? error.response : undefined;
  const headers: unknown =
    typeof response === 'object' && response !== null && 'headers' in response ? response.headers : undefined;
  if (!isHeaders(headers)) return RETRY_MS;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : RETRY_MS;
}

const isHeaders = (value: unknown): value is { get(name: string): string | undefined } =>
  typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function';

const numberIn = (value: unknown, name: string): number | null => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  return typeof found === 'number' ? found : null;
};
