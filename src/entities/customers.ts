import { boolean, equals, id, instant, integer, longText, money, text, words } from './column.ts';
import type { Entity, TopicKey } from './entity.ts';

/** Free text and whatever leads to a person or describes one; with the address its country. */
const PERSONAL = { personal: true };

/** The last order is null where it is one of the old orders that this app is not shown. */
const OLD_ORDERS = { without: 'read_all_orders', countedBy: 'numberOfOrders' };

const own: TopicKey = { entity: 'customers', path: 'id', own: true, announces: 'presence' };
const named = (path: string): TopicKey => ({ entity: 'customers', path, own: false, announces: 'presence' });
/** Tags, consent and spend move without `updatedAt`. */
const unversioned = (path: string): TopicKey => ({ ...named(path), cut: 'content' });

/**
 * Customers. Webhook bodies have carried neither tags nor order counts nor spend nor consent since API 2025-01,
 * and several of those move without `updatedAt`: they have topics of their own, and writing an order marks its
 * customer (see orders.ts).
 */
export const customers = {
  name: 'customers',
  called: { en: 'customers', ja: '顧客' },
  type: 'Customer',
  countField: 'customersCount',
  table: 'Customers',
  key: 'ShopifyCustomerId',
  scope: 'read_customers',
  topicScopes: ['read_customer_merge'],
  sweptAt: '0 0 */2 * * *',
  batch: 250,
  filterByWholeDay: true,
  windowed: false,
  columns: {
    FirstName: text('firstName', 255, PERSONAL),
    LastName: text('lastName', 255, PERSONAL),
    Email: text('defaultEmailAddress.emailAddress', 320, PERSONAL),
    Phone: text('defaultPhoneNumber.phoneNumber', 50, PERSONAL),
    Company: text('defaultAddress.company', 255, PERSONAL),
    City: text('defaultAddress.city', 255, PERSONAL),
    ProvinceCode: text('defaultAddress.provinceCode', 50, PERSONAL),
    CountryCode: text('defaultAddress.countryCodeV2', 50, PERSONAL),
    AddressPhone: text('defaultAddress.phone', 50, PERSONAL),
    AcceptsEmailMarketing: equals('defaultEmailAddress.marketingState', 'SUBSCRIBED', PERSONAL),
    AcceptsSMSMarketing: equals('defaultPhoneNumber.smsMarketingConsent.state', 'SUBSCRIBED', PERSONAL),
    TotalSpent: money('amountSpent.amount'),
    TotalSpentCurrency: text('amountSpent.currencyCode', 10),
    TotalOrders: integer('numberOfOrders'),
    TaxExempt: boolean('taxExempt'),
    Tags: words('tags', PERSONAL),
    State: text('state', 50),
    VerifiedEmail: boolean('verifiedEmail', PERSONAL),
    Locale: text('locale', 50, PERSONAL),
    Note: longText('note', PERSONAL),
    LastOrderDate: instant('lastOrder.processedAt', { scope: 'read_orders', hidden: OLD_ORDERS }),
    LastShopifyOrderId: id('lastOrder.id', { scope: 'read_orders', hidden: OLD_ORDERS }),
  },
  children: [],
  topics: {
    CUSTOMERS_CREATE: [own],
    CUSTOMERS_UPDATE: [own],
    CUSTOMERS_DELETE: [{ ...own, own: false, announces: 'absence' }],
    CUSTOMERS_MERGE: [
      named('admin_graphql_api_customer_kept_id'),
      { ...named('admin_graphql_api_customer_deleted_id'), announces: 'absence', cut: 'census' },
      {
        entity: 'orders',
        path: 'admin_graphql_api_customer_deleted_id',
        own: false,
        announces: 'presence',
        through: { table: 'Orders', column: 'ShopifyCustomerId' },
        cut: 'content',
      },
    ],
    CUSTOMERS_PURCHASING_SUMMARY: [unversioned('customerId')],
    CUSTOMER_TAGS_ADDED: [unversioned('customerId')],
    CUSTOMER_TAGS_REMOVED: [unversioned('customerId')],
    CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE: [unversioned('customer_id')],
    CUSTOMERS_MARKETING_CONSENT_UPDATE: [named('id')],
  },
  links: [],
  affects: [],
  erasedWith: [],
} as const satisfies Entity;
