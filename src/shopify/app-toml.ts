import { ENTITY_NAMES, entityOf } from '../entities/registry.ts';
import { API_VERSION } from './documents.ts';

/**
 * `shopify.app.toml`: what Shopify has to know of the app (docs: app-configuration), derived from the entities. It
 * is what `shopify app deploy` reads; afterwards an installation asks for exactly these scopes.
 *
 * Only compliance topics are subscribed here: Shopify takes them nowhere else. All others are subscribed shop by
 * shop through the API and mended hourly, so that a missing scope costs one topic and not the deployment.
 */
export interface AppToml {
  readonly clientId: string;
  readonly name: string;
  /** Public address of this installation, without a path. */
  readonly url: string;
  /** Orders older than 60 days: only after Shopify has approved it, else it refuses the whole file. */
  readonly allOrders: boolean;
}

export const PLACEHOLDERS: AppToml = {
  clientId: 'your-client-id',
  name: 'Driftless',
  url: 'https://driftless.example.com',
  allOrders: false,
};

const COMPLIANCE_TOPICS = ['customers/data_request', 'customers/redact', 'shop/redact'];

/** Every scope that the entities can use, sorted; `read_all_orders` apart, since it has to be approved. */
export function wantedScopes(allOrders: boolean): readonly string[] {
  const entities = ENTITY_NAMES.map(entityOf);
  const scopes = new Set(entities.flatMap(({ scope, topicScopes }) => [scope, ...topicScopes]));
  if (allOrders && entities.some(({ windowed }) => windowed)) scopes.add('read_all_orders');
  return [...scopes].sort();
}

export function appToml({ clientId, name, url, allOrders }: AppToml): string {
  const about = allOrders
    ? ''
    : `# Orders older than 60 days need read_all_orders: ask Shopify for it in the Dev Dashboard (API access requests),
# and once it is approved write this file with --all-orders. Declared earlier it is refused with the whole file.
`;
  return `# Made by npm run shopify:app from the entities of Driftless; changes belong there, or into its options:
#   npm run shopify:app -- --client-id <id> --url https://<host> --out shopify.app.mine.toml

client_id = ${quoted(clientId)}
name = ${quoted(name)}
application_url = ${quoted(url)}
embedded = false

[access_scopes]
${about}scopes = ${quoted(wantedScopes(allOrders).join(','))}

[auth]
redirect_urls = [${quoted(`${url}/api/stores/callback`)}]

[webhooks]
api_version = ${quoted(API_VERSION)}

[[webhooks.subscriptions]]
compliance_topics = [${COMPLIANCE_TOPICS.map(quoted).join(', ')}]
uri = ${quoted(`${url}/api/webhooks/shopify`)}
`;
}

/** A basic string of TOML is escaped as one of JSON. */
const quoted = (text: string): string => JSON.stringify(text);
