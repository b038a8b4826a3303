import { BlockList, isIP } from 'node:net';
import type { Access, Refusal } from '../src/access.ts';
import type { Environment } from '../src/config.ts';
import { type AddressRange, type OperatorSettings, operatorSettings } from '../src/operator-settings.ts';

/**
 * The access that the settings say. Read while functions are registered, so it cannot throw: settings that make no
 * sense let nobody in, and `readConfig` names them.
 */
export function accessOf(environment: Environment): Access {
  const { settings } = operatorSettings(environment);
  const allowed = settings.ranges === null ? null : listOf(settings.ranges);
  // Set by App Service where its authentication is switched on; only then does it strip such headers of callers (docs:
  // environment variables and app settings in Azure App Service).
  const platformVouches = environment['WEBSITE_AUTH_ENABLED']?.toLowerCase() === 'true';
  return {
    authLevel: settings.auth === 'entra' ? 'anonymous' : 'function',
    refusal: (headers) => {
      if (allowed !== null && !isAmong(allowed, lastHop(headers.get('x-forwarded-for'))))
        return { status: 403, reason: 'this address is not among OPERATOR_IP_RANGES' };
      return settings.auth === 'entra' ? personRefused(headers, settings, platformVouches) : null;
    },
  };
}

function listOf(ranges: readonly AddressRange[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, familyOf(address));
  return list;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An address of version 4 that is written as one of version 6 is found in ranges of version 4. */
const isAmong = (list: BlockList, address: string | null): boolean =>
  address !== null && list.check(address, familyOf(address));

/**
 * Who spoke to Azure's front end, which appends it to whatever the caller wrote there: `1.2.3.4:567` or
 * `[2001:db8::1]:567`, or without the port. Everything before it is the caller's own claim.
 */
function lastHop(forwardedFor: string | null): string | null {
  const last = forwardedFor?.split(',').at(-1)?.trim() ?? '';
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(last)?.[1] ?? /^([\d.]+):\d+$/.exec(last)?.[1] ?? last;
  return isIP(bare) === 0 ? null : bare;
}

function personRefused(
  headers: { get(name: string): string | null },
  { role }: OperatorSettings,
  platformVouches: boolean,
): Refusal | null {
  if (!platformVouches)
    return {
      status: 403,
      reason: 'App Service authentication is not switched on here: switch it on, or set OPERATOR_AUTH=key',
    };
  const principal = headers.get('x-ms-client-principal');
  if (principal === null || headers.get('x-ms-client-principal-idp') !== 'aad')
    return { status: 401, reason: 'sign in with Microsoft Entra ID' };
  return rolesOf(principal).includes(role)
    ? null
    : { status: 403, reason: `your account lacks the app role ${role}: an administrator assigns it` };
}

/** Base64 of `{ role_typ, claims: [{ typ, val }] }` (docs: work with user identities in App Service authentication). */
function rolesOf(principal: string): readonly string[] {
  try {
    const { role_typ: roleType, claims } = JSON.parse(Buffer.from(principal, 'base64').toString('utf8'));
    return claims.flatMap(({ typ, val }: { readonly typ: unknown; readonly val: unknown }) =>
      (typ === 'roles' || typ === roleType) && typeof val === 'string' ? [val] : [],
    );
  } catch {
    return [];
  }
}
