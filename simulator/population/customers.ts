/**
 * One customer, made up. Names, tags and consents are shared between customers: a million of them must fit
 * into memory, and only e-mail, phone and street differ from one to the next.
 */
import type { Address, Customer } from '../model.ts';
import { money } from '../money.ts';
import type { Random } from '../random.ts';
import type { Shop } from '../shop.ts';
import {
  americanPlaces,
  companies,
  customerNotes,
  customerTagSets,
  englishNames,
  japaneseNames,
  japanesePlaces,
  type Name,
} from './people.ts';

type Email = NonNullable<Customer['defaultEmailAddress']>;
type Phone = NonNullable<Customer['defaultPhoneNumber']>;

export const emailStates = ['SUBSCRIBED', 'NOT_SUBSCRIBED', 'UNSUBSCRIBED', 'PENDING'];
/** Of texts there is no "not subscribed", only "never" (enum `CustomerMarketingConsentState`). */
export const smsStates = ['SUBSCRIBED', 'NEVER_SUBSCRIBED', 'UNSUBSCRIBED'];
const accountStates = ['DISABLED', 'DISABLED', 'DISABLED', 'ENABLED', 'INVITED', 'DECLINED'];
const NO_TAX_EXEMPTIONS: readonly string[] = [];
const smsRefusal = {
  state: 'NEVER_SUBSCRIBED',
  optInLevel: 'UNKNOWN',
  updatedAt: null,
  collectedFrom: 'OTHER',
};

export function newCustomer(shop: Shop, random: Random, createdAt: number, updatedAt: number): Customer {
  const japanese = random.chance(0.75);
  const named = random.chance(0.96);
  const name = named ? random.pick(japanese ? japaneseNames : englishNames) : null;
  const id = shop.nextId();
  const defaultEmailAddress = random.chance(0.93) ? newEmail(random, name, id, createdAt) : null;
  return {
    __typename: 'Customer',
    id: `gid://shopify/Customer/${id}`,
    createdAt,
    updatedAt,
    firstName: name && !random.chance(0.03) ? name.given : null,
    lastName: name ? name.family : null,
    defaultEmailAddress,
    defaultPhoneNumber: random.chance(0.6) ? newPhone(random, japanese, createdAt) : null,
    defaultAddress: random.chance(0.8) ? newAddress(shop, random, name, japanese) : null,
    state: random.pick(accountStates),
    verifiedEmail: defaultEmailAddress !== null && random.chance(0.8),
    locale: japanese ? 'ja' : 'en',
    note: random.chance(0.05) ? random.pick(customerNotes) : null,
    tags: random.pick(customerTagSets),
    taxExempt: random.chance(0.01),
    taxExemptions: NO_TAX_EXEMPTIONS,
    dataSaleOptOut: random.chance(0.01),
    numberOfOrders: '0',
    amountSpent: money(0n, shop.profile.currencyCode),
    lastOrderGid: null,
  };
}

export function newEmail(random: Random, name: Name | null, id: string, at: number): Email {
  const domain = random.pick(['example.jp', 'example.com', 'mail.example.org']);
  const state = random.pick(emailStates);
  return {
    emailAddress: `${name?.latin ?? 'guest'}.${id}@${domain}`,
    marketingState: state,
    marketingOptInLevel: state === 'SUBSCRIBED' ? random.pick(['SINGLE_OPT_IN', 'CONFIRMED_OPT_IN']) : null,
    marketingUpdatedAt: state === 'NOT_SUBSCRIBED' ? null : at,
    validFormat: true,
  };
}

function newPhone(random: Random, japanese: boolean, at: number): Phone {
  const phoneNumber = japanese ? `+8190${random.digits(8)}` : `+1503${random.digits(7)}`;
  if (random.chance(0.7)) return { phoneNumber, smsMarketingConsent: smsRefusal };
  const state = random.pick(smsStates);
  return {
    phoneNumber,
    smsMarketingConsent: { state, optInLevel: 'SINGLE_OPT_IN', updatedAt: at, collectedFrom: 'SHOPIFY' },
  };
}

export function newAddress(shop: Shop, random: Random, name: Name | null, japanese: boolean): Address {
  const place = random.pick(japanese ? japanesePlaces : americanPlaces);
  const street = random.pick(place.streets);
  const block = `${random.between(1, 9)}-${random.between(1, 30)}-${random.between(1, 20)}`;
  return {
    id: `gid://shopify/MailingAddress/${shop.nextId()}?model_name=CustomerAddress`,
    firstName: name?.given ?? null,
    lastName: name?.family ?? null,
    company: random.chance(0.06) ? random.pick(companies) : null,
    address1: japanese ? `${street}${block}` : `${random.between(10, 9900)} ${street}`,
    address2: random.chance(0.2) ? `${random.between(1, 40)}0${random.between(1, 9)}号室` : null,
    city: place.city,
    province: place.province,
    provinceCode: place.provinceCode,
    country: place.country,
    countryCodeV2: place.countryCodeV2,
    zip: place.zip.replace('##', random.digits(2)),
    phone: random.chance(0.4) ? `+8180${random.digits(8)}` : null,
  };
}
