/** The body that `app/uninstalled` and `shop/update` have in common: the shop itself, with its numeric id. */
import type { Plan } from '../../profile.ts';
import type { Shop } from '../../shop.ts';
import { restId, restTime } from './rest.ts';

const PLANS: Readonly<Record<Plan, string>> = {
  standard: 'professional',
  advanced: 'unlimited',
  plus: 'shopify_plus',
  enterprise: 'enterprise',
};

export function shopBody(shop: Shop) {
  const { profile, plan } = shop;
  const { currencyCode } = profile;
  const format = `{{amount}} ${currencyCode}`;
  return {
    id: restId(profile.id),
    name: profile.name,
    email: `owner@${profile.domain}`,
    domain: profile.domain,
    province: null,
    country: 'JP',
    address1: null,
    zip: null,
    city: null,
    source: null,
    phone: null,
    latitude: null,
    longitude: null,
    primary_locale: 'ja',
    address2: null,
    created_at: restTime(shop, profile.createdAt),
    updated_at: restTime(shop, shop.clock()),
    country_code: 'JP',
    country_name: 'Japan',
    currency: currencyCode,
    customer_email: `hello@${profile.domain}`,
    timezone: `(GMT) ${profile.ianaTimezone}`,
    iana_timezone: profile.ianaTimezone,
    shop_owner: profile.name,
    money_format: format,
    money_with_currency_format: format,
    weight_unit: 'kg',
    province_code: null,
    taxes_included: true,
    auto_configure_tax_inclusivity: null,
    tax_shipping: null,
    county_taxes: true,
    plan_display_name: plan,
    plan_name: PLANS[plan],
    has_discounts: true,
    has_gift_cards: false,
    myshopify_domain: profile.domain,
    google_apps_domain: null,
    google_apps_login_enabled: null,
    money_in_emails_format: format,
    money_with_currency_in_emails_format: format,
    eligible_for_payments: true,
    requires_extra_payments_agreement: false,
    password_enabled: false,
    has_storefront: true,
    finances: true,
    primary_location_id: 82_000_000_001n,
    checkout_api_supported: true,
    multi_location_enabled: true,
    setup_required: false,
    pre_launch_enabled: false,
    enabled_presentment_currencies: [currencyCode],
    marketing_sms_consent_enabled_at_checkout: false,
    transactional_sms_disabled: false,
  };
}
