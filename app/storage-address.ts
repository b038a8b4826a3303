import type { Environment } from '../src/config.ts';
import { Reject } from '../src/failures.ts';
import { Secret } from '../src/secrets.ts';
import type { Identity } from './identity.ts';

/**
 * Where the queues are, from the very settings by which the Functions host finds them: a connection string, or
 * the address of the account, to which the app's identity is the key (docs: connecting to host storage with an
 * identity).
 */
export type StorageAddress =
  | { readonly kind: 'connection string'; readonly text: Secret }
  | { readonly kind: 'identity'; readonly url: string; readonly identity: Identity };

const NAME = 'AzureWebJobsStorage';

const MISSING = `${NAME} is missing: set it to a connection string of the storage account, or ${NAME}__accountName to its name`;

export const storageProblems = (environment: Environment): readonly string[] =>
  addressIn(environment) === null ? [MISSING] : [];

export function storageAddress(environment: Environment): StorageAddress {
  const address = addressIn(environment);
  if (address === null) throw new Reject(MISSING);
  return address;
}

function addressIn(environment: Environment): StorageAddress | null {
  const text = environment[NAME];
  if (text) return { kind: 'connection string', text: new Secret(text) };
  const account = environment[`${NAME}__accountName`];
  const url =
    environment[`${NAME}__queueServiceUri`] || (account && `https://${account}.queue.core.windows.net`);
  if (url && URL.canParse(url))
    return {
      kind: 'identity',
      url,
      identity: {
        isManaged: Boolean(environment['IDENTITY_ENDPOINT']),
        clientId: environment[`${NAME}__clientId`] || null,
      },
    };
  return null;
}
