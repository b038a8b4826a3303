/** What a function, or the admin address, is given of a request. */

import type { IncomingMessage } from 'node:http';
import type { Nullable, TypedData } from './contract.ts';

/** The path is taken as it stands: `//elsewhere/x` is a path on this host, never another host. */
export function urlOf(request: IncomingMessage): URL | undefined {
  const host = request.headers.host ?? 'localhost';
  if (!/^[\w.:[\]-]+$/.test(host) || !request.url?.startsWith('/')) return undefined;
  return URL.parse(`http://${host}${request.url}`) ?? undefined;
}

export function httpInput(
  request: IncomingMessage,
  url: URL,
  parameters: Record<string, string>,
  bytes: Buffer,
): TypedData {
  const headers = Object.entries({ ...request.headers, 'x-forwarded-for': forwardedFor(request) }).map(
    ([name, value]) => [name, String(value ?? '')] as const,
  );
  // A repeated key arrives as one value with commas, as in Azure.
  const query = [...new Set(url.searchParams.keys())].map(
    (key) => [key, url.searchParams.getAll(key).join()] as const,
  );
  return {
    http: {
      method: request.method ?? 'GET',
      url: url.href,
      nullableHeaders: nullable(headers),
      nullableQuery: nullable(query),
      nullableParams: nullable(Object.entries(parameters)),
      ...(bytes.length > 0 && { body: { bytes } }),
    },
  };
}

/** As Azure's front end does, whoever speaks to it is appended to whatever he says himself. */
function forwardedFor({ headers, socket }: IncomingMessage): string {
  const { remoteAddress = '', remotePort } = socket;
  const peer = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  const said = headers['x-forwarded-for'];
  return [said === undefined ? [] : String(said), `${peer}:${remotePort}`].flat().join(', ');
}

function nullable(entries: readonly (readonly [string, string])[]): Record<string, Nullable<string>> {
  return Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
}

/** The admin API takes `{"input": "<trigger data>"}`, or nothing. Undefined = neither. */
export function adminInput(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return '';
  try {
    const body: unknown = JSON.parse(bytes.toString());
    if (typeof body !== 'object' || body === null) return undefined;
    const input: unknown = 'input' in body ? body.input : '';
    return typeof input === 'string' ? input : undefined;
  } catch {
    return undefined;
  }
}
