/** Writes what a function answered to the socket. */

import type { ServerResponse } from 'node:http';
import type { InvocationResponse, RpcCookie } from './contract.ts';

/** A function that returns nothing answers 204. */
export function writeResponse(response: ServerResponse, { returnValue }: InvocationResponse): void {
  const http = returnValue?.http;
  if (!http) {
    writeStatus(response, 204);
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  if (http.cookies?.length) response.appendHeader('set-cookie', http.cookies.map(cookieText));
  response.statusCode = Number(http.statusCode ?? 200);
  response.end(http.body?.bytes ?? http.body?.string ?? '');
}

/** An answer with an empty body. (Set like this, node announces its length; `writeHead` would make it chunked.) */
export function writeStatus(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

function cookieText(cookie: RpcCookie): string {
  const { domain, path, expires, maxAge, secure, httpOnly, sameSite } = cookie;
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (domain) parts.push(`Domain=${domain.value}`);
  if (path) parts.push(`Path=${path.value}`);
  if (expires) parts.push(`Expires=${new Date(expires.value.seconds * 1_000).toUTCString()}`);
  if (maxAge) parts.push(`Max-Age=${maxAge.value}`);
  if (secure?.value) parts.push('Secure');
  if (httpOnly?.value) parts.push('HttpOnly');
  if (sameSite && sameSite !== 'none')
    parts.push(`SameSite=${{ lax: 'Lax', strict: 'Strict', explicitNone: 'None' }[sameSite]}`);
  return parts.join('; ');
}
