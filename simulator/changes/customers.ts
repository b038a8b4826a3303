/** What happens to customers. Tags, consent and totals have topics of their own and do not move `updatedAt`. */
import type { Customer } from '../model.ts';
import { emailStates, newAddress, newCustomer, newEmail, smsStates } from '../population/customers.ts';
import { customerNotes, englishNames, japaneseNames } from '../population/people.ts';
import type { Random } from '../random.ts';
import {
  customerBody,
  customerDeleteBody,
  customerMergeBody,
  customerTagsBody,
  emailConsentBody,
  purchasingSummaryBody,
  smsConsentBody,
} from '../webhooks/payloads/customer.ts';
import { purchasesOf } from './ledger.ts';
import { later } from './order-steps.ts';
import type { Stage, Subject } from './stage.ts';

const subject = (customer: Customer): Subject => ({ kind: 'customers', id: customer.id });

export function createCustomer(stage: Stage): Subject {
  const { shop, random, at } = stage;
  const customer = newCustomer(shop, random, at, at);
  shop.customers.put(customer);
  stage.announce('customers/create', customerBody(shop, customer));
  return subject(customer);
}

export function editCustomer(stage: Stage): Subject | null {
  const customer = stage.choose('customers');
  return customer && putEdited(stage, customer, anEdit(stage, customer));
}

function putEdited(stage: Stage, customer: Customer, change: Partial<Customer>): Subject {
  const edited = { ...customer, ...change, updatedAt: later(customer.updatedAt, stage.at) };
  stage.shop.customers.put(edited);
  stage.announce('customers/update', customerBody(stage.shop, edited));
  return subject(edited);
}

/** One of the things that people and merchants change; also to nothing, as after an erasure. */
function anEdit({ shop, random, at }: Stage, customer: Customer): Partial<Customer> {
  const name = random.pick(random.chance(0.75) ? japaneseNames : englishNames);
  const phone = customer.defaultPhoneNumber;
  const edits: readonly (() => Partial<Customer>)[] = [
    () => ({ firstName: name.given, lastName: name.family }),
    () => ({ lastName: random.chance(0.2) ? null : name.family }),
    () => ({ note: random.chance(0.3) ? null : `${random.pick(customerNotes)} (${random.digits(4)})` }),
    () => ({ defaultEmailAddress: newEmail(random, name, random.digits(10), at), verifiedEmail: false }),
    () => ({ defaultAddress: newAddress(shop, random, name, customer.locale === 'ja') }),
    () => ({ defaultAddress: null }),
    () => ({ defaultPhoneNumber: phone && { ...phone, phoneNumber: `+8170${random.digits(8)}` } }),
    () => ({ taxExempt: !customer.taxExempt }),
    () => ({ state: customer.state === 'ENABLED' ? 'DISABLED' : 'ENABLED', verifiedEmail: true }),
  ];
  return random.pick(edits)();
}

export function tagCustomer(stage: Stage): Subject | null {
  const customer = stage.choose('customers');
  if (!customer) return null;
  const { shop, random, at } = stage;
  const lost = customer.tags.length > 0 && random.chance(0.4) ? random.pick(customer.tags) : null;
  const gained = `キャンペーン-${random.digits(3)}`;
  const tags = lost === null ? [...customer.tags, gained] : customer.tags.filter((tag) => tag !== lost);
  const tagged = { ...customer, tags };
  shop.customers.put(tagged);
  if (lost === null) stage.announce('customer.tags_added', customerTagsBody(tagged, [gained], at));
  else stage.announce('customer.tags_removed', customerTagsBody(tagged, [lost], at));
  return subject(tagged);
}

export function changeConsent(stage: Stage): Subject | null {
  const { shop, random, at } = stage;
  const customer = stage.choose('customers', (one) => !!(one.defaultEmailAddress ?? one.defaultPhoneNumber));
  if (!customer) return null;
  const { defaultEmailAddress: email, defaultPhoneNumber: phone } = customer;
  const bySms = phone !== null && (email === null || random.chance(0.4));
  const changed = bySms ? withSmsConsent(customer, random, at) : withEmailConsent(customer, random, at);
  shop.customers.put(changed);
  if (bySms) stage.announce('customers_marketing_consent/update', smsConsentBody(shop, changed));
  else stage.announce('customers_email_marketing_consent/update', emailConsentBody(shop, changed));
  return subject(changed);
}

function withEmailConsent(customer: Customer, random: Random, at: number): Customer {
  const email = customer.defaultEmailAddress;
  if (!email) return customer;
  const marketingState = random.pick(emailStates.filter((state) => state !== email.marketingState));
  const marketingOptInLevel = marketingState === 'SUBSCRIBED' ? 'SINGLE_OPT_IN' : null;
  return {
    ...customer,
    defaultEmailAddress: { ...email, marketingState, marketingOptInLevel, marketingUpdatedAt: at },
  };
}

function withSmsConsent(customer: Customer, random: Random, at: number): Customer {
  const phone = customer.defaultPhoneNumber;
  if (!phone) return customer;
  const { smsMarketingConsent: before } = phone;
  const state = random.pick(smsStates.filter((one) => one !== before.state));
  const smsMarketingConsent = { ...before, state, updatedAt: at, collectedFrom: 'SHOPIFY' };
  return { ...customer, defaultPhoneNumber: { ...phone, smsMarketingConsent } };
}

/** Shopify deletes only customers without orders. */
export function deleteCustomer(stage: Stage): Subject | null {
  const customer = stage.choose('customers', (one) => one.numberOfOrders === '0');
  if (!customer) return null;
  stage.shop.customers.delete(customer.id);
  stage.announce('customers/delete', customerDeleteBody(customer));
  return subject(customer);
}

/**
 * Two customers become one. The orders of the lost one change hands without moving their `updatedAt`, and no
 * `customers/delete` is sent: Shopify documents neither, so a mirror should not rely on either.
 */
export function mergeCustomers(stage: Stage): Subject | null {
  const { shop, ledger, at } = stage;
  const kept = stage.choose('customers');
  const other = (one: Customer) => one.id !== kept?.id;
  const lost = kept && stage.chooseAnother('customers', other);
  if (!kept || !lost) return null;
  for (const order of ledger.of(lost.id)) shop.orders.put({ ...order, customerGid: kept.id });
  ledger.hand(lost.id, kept.id);
  shop.customers.delete(lost.id);
  const merged: Customer = {
    ...kept,
    ...purchasesOf(ledger.of(kept.id), shop.profile.currencyCode),
    tags: [...new Set([...kept.tags, ...lost.tags])],
    note: kept.note ?? lost.note,
    updatedAt: later(kept.updatedAt, at),
  };
  shop.customers.put(merged);
  const job = `gid://shopify/Job/${shop.nextId()}`;
  stage.announce('customers/merge', customerMergeBody(merged, lost, job));
  stage.announce('customers/update', customerBody(shop, merged));
  return subject(merged);
}

/** After an order came, went or was paid: the customer's totals, and the one topic that tells of them. */
export function recount(stage: Stage, customerGid: string | null): void {
  const { shop, ledger, at } = stage;
  const customer = customerGid === null ? null : shop.customers.current(customerGid);
  if (!customer) return;
  const purchases = purchasesOf(ledger.of(customer.id), shop.profile.currencyCode);
  if (same(customer, purchases)) return;
  const moves = shop.consistency.spendMovesUpdatedAt;
  const counted = { ...customer, ...purchases, ...(moves && { updatedAt: later(customer.updatedAt, at) }) };
  shop.customers.put(counted);
  stage.announce('customers/purchasing_summary', purchasingSummaryBody(counted, at));
  if (moves) stage.announce('customers/update', customerBody(shop, counted));
}

function same(customer: Customer, purchases: ReturnType<typeof purchasesOf>): boolean {
  return (
    customer.numberOfOrders === purchases.numberOfOrders &&
    customer.lastOrderGid === purchases.lastOrderGid &&
    customer.amountSpent.amount === purchases.amountSpent.amount
  );
}
