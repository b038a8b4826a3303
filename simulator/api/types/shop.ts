/** The shop itself, and the app as installed in it. */

import { numericId } from '../../ordering.ts';
import type { Plan } from '../../profile.ts';
import { API_VERSION } from '../../schema/load.ts';
import type { Shop } from '../../shop.ts';
import type { Reading } from '../reading.ts';

const PLAN_NAMES: Readonly<Record<Plan, string>> = {
  standard: 'Grow',
  advanced: 'Advanced',
  plus: 'Shopify Plus',
  enterprise: 'Commerce Components',
};

export const apiVersion = {
  handle: API_VERSION,
  displayName: `${API_VERSION} (Latest)`,
  supported: true,
};

export function shopObject({ profile, plan }: Shop) {
  const url = `https://${profile.domain}`;
  return {
    __typename: 'Shop',
    ...profile,
    updatedAt: profile.createdAt,
    myshopifyDomain: profile.domain,
    url,
    primaryDomain: {
      id: `gid://shopify/Domain/${numericId(profile.id)}`,
      host: profile.domain,
      url,
      sslEnabled: true,
    },
    email: `owner@${profile.domain}`,
    contactEmail: `hello@${profile.domain}`,
    shopOwnerName: profile.name,
    enabledPresentmentCurrencies: [profile.currencyCode],
    taxesIncluded: true,
    taxShipping: false,
    setupRequired: false,
    weightUnit: 'KILOGRAMS',
    unitSystem: 'METRIC_SYSTEM',
    timezoneOffset: offsetText(profile.timezoneOffsetMinutes),
    plan: {
      publicDisplayName: PLAN_NAMES[plan],
      displayName: PLAN_NAMES[plan],
      partnerDevelopment: false,
      shopifyPlus: plan === 'plus' || plan === 'enterprise',
    },
    resourceLimits: {
      locationLimit: 10,
      maxProductOptions: 3,
      maxProductVariants: 2048,
      redirectLimitReached: false,
      skuResourceLimitReached: false,
    },
  };
}

export function installationObject({ shop }: Reading) {
  const { installation, profile } = shop;
  const app = {
    __typename: 'App',
    id: `gid://shopify/App/${numericId(profile.id)}`,
    handle: 'driftless',
    title: 'Driftless',
    apiKey: installation.clientId,
    webhookApiVersion: shop.webhookVersion,
    embedded: false,
    published: false,
  };
  return {
    __typename: 'AppInstallation',
    id: `gid://shopify/AppInstallation/${numericId(profile.id)}`,
    app,
    launchUrl: `https://${profile.domain}/admin/apps/driftless`,
    accessScopes: installation.scopes.map((handle) => ({ handle, description: handle.replaceAll('_', ' ') })),
  };
}

function offsetText(minutes: number): string {
  const sign = minutes < 0 ? '-' : '+';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
}
