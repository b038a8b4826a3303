import { z } from 'zod';
import { NeedsAttention } from './failures.ts';
import { type OfflineTokens, Secret } from './secrets.ts';

/**
 * What the vault holds, each a small JSON document:
 *
 *     shopify-app              {"clientId":"…","clientSecret":"…"}
 *     shopify-store-example    {"kind":"offline"}                                     with the keys of shopify-app
 *                              {"kind":"client","clientId":"…","clientSecret":"…"}    with keys of its own
 *                              {"kind":"client","app":"shopify-app-two"}              with those of another app
 *                              {"kind":"token","accessToken":"shpat_…","webhookSecret":"…"}
 *     shopify-tokens-example   what we write ourselves at each renewal of an offline token
 *
 * The tokens have a secret of their own because the versions of the others mean something: the one before the
 * newest still signs webhooks during a rotation. For the same reason an app's keys stand once, not in every store.
 */

/** Blanks and invisible characters would end up in a header, and in the error that `fetch` throws for it. */
const text = z.string().regex(/^[\x21-\x7e]+$/);

const app = z.strictObject({ clientId: text, clientSecret: text });
export type AppDocument = z.output<typeof app>;

const keys = {
  clientId: text.optional(),
  clientSecret: text.optional(),
  app: z
    .string()
    .regex(/^[0-9A-Za-z-]{1,127}$/)
    .optional(),
};
const token = z.strictObject({
  kind: z.literal('token'),
  accessToken: text,
  webhookSecret: text.optional(),
});
const client = z.strictObject({ kind: z.literal('client'), ...keys });
const offline = z.strictObject({ kind: z.literal('offline'), ...keys });

interface Keys {
  readonly kind: string;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}
const bothOrNone = ({ clientId, clientSecret }: Keys): boolean =>
  (clientId === undefined) === (clientSecret === undefined);
const ofThePair = { path: ['clientSecret'] };

/** What somebody can have at hand; a merchant grants the other kind. */
export const knownCredentials = z.discriminatedUnion('kind', [token, client]).refine(bothOrNone, ofThePair);
const store = z.discriminatedUnion('kind', [token, client, offline]).refine(bothOrNone, ofThePair);
export type StoreDocument = z.output<typeof store>;

const tokens = z.strictObject({
  accessToken: text,
  issuedAt: z.number(),
  expiresAt: z.number(),
  refreshToken: text,
  refreshExpiresAt: z.number(),
});

export const APP_SECRET = 'shopify-app';

const labelOf = (domain: string): string => domain.replace(/\.myshopify\.com$/, '');
/** The label of a shop's domain has only characters that a vault allows in names. */
export const storeSecretName = (domain: string): string => `shopify-store-${labelOf(domain)}`;
export const tokensSecretName = (secretName: string): string =>
  `shopify-tokens-${secretName.replace(/^shopify-store-/, '')}`;

export const parseApp = (name: string, secret: Secret): AppDocument => parsed(app, name, secret);
export const parseStore = (name: string, secret: Secret): StoreDocument => parsed(store, name, secret);

export function parseTokens(name: string, secret: Secret): OfflineTokens {
  const { accessToken, refreshToken, ...times } = parsed(tokens, name, secret);
  return { ...times, accessToken: new Secret(accessToken), refreshToken: new Secret(refreshToken) };
}

export const writtenTokens = ({ accessToken, refreshToken, ...times }: OfflineTokens): Secret =>
  new Secret(
    JSON.stringify({ ...times, accessToken: accessToken.reveal(), refreshToken: refreshToken.reveal() }),
  );

/** The problem names the fields that are wrong and never what is in them (R12). */
function parsed<T>(schema: z.ZodType<T>, name: string, secret: Secret): T {
  const result = schema.safeParse(jsonOf(secret));
  if (result.success) return result.data;
  const fields = new Set(result.error.issues.map(({ path }) => path.join('.')).filter((path) => path !== ''));
  const wrong =
    fields.size > 0
      ? `wrong or missing: ${[...fields].join(', ')}`
      : 'it has other fields, or is no JSON object';
  throw new NeedsAttention(
    `the vault's secret ${name} cannot be used (${wrong}): write it anew, docs/secrets.md shows its form`,
  );
}

function jsonOf(secret: Secret): unknown {
  try {
    return JSON.parse(secret.reveal());
  } catch {
    return undefined;
  }
}
