import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { appToml, PLACEHOLDERS } from '../src/shopify/app-toml.ts';

/** `npm run shopify:app`: writes shopify.app.toml, or with options one for an app of your own. */
const { values } = parseArgs({
  options: {
    'client-id': { type: 'string', default: PLACEHOLDERS.clientId },
    name: { type: 'string', default: PLACEHOLDERS.name },
    url: { type: 'string', default: PLACEHOLDERS.url },
    'all-orders': { type: 'boolean', default: PLACEHOLDERS.allOrders },
    out: { type: 'string', default: fileURLToPath(new URL('../shopify.app.toml', import.meta.url)) },
  },
});

writeFileSync(
  values.out,
  appToml({
    clientId: values['client-id'],
    name: values.name,
    url: values.url.replace(/\/+$/, ''),
    allOrders: values['all-orders'],
  }),
);
