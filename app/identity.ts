import type { TokenCredential } from '@azure/identity';

/**
 * Who this process is to Azure: the managed identity where the platform offers one, else whoever is signed in on
 * this machine (`az login`). Not the chain of everything in production as well: what a stray variable of the
 * environment could make of it, nobody would notice. The SDK takes most of a second to load, so it is loaded when
 * it is first needed.
 */
export interface Identity {
  /** The platform's endpoint for tokens is there (`IDENTITY_ENDPOINT`). */
  readonly isManaged: boolean;
  /** Of a user-assigned identity; null is the one of the system. */
  readonly clientId: string | null;
}

/** Its own are half a dozen seconds long, and a delivery may be waiting. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 200 };

export async function azureCredential({ isManaged, clientId }: Identity): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (!isManaged) return new DefaultAzureCredential();
  return new ManagedIdentityCredential({ ...(clientId === null ? {} : { clientId }), retryOptions: RETRIES });
}
