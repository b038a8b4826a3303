/**
 * Bodies of the customers' topics. Since 2025-01 `customers/update` has neither tags nor consent nor order
 * totals; each of those has a topic of its own, with a shape of its own (the new ones are camelCase with GIDs).
 */
import type { Customer } from '../../model.ts';
import type { Shop } from '../../shop.ts';
import { customerAddressBody } from './address.ts';
import { restId, restMoney, restTime, restTimeOrNull } from './rest.ts';

export function customerBody(shop: Shop, customer: Customer) {
  const { defaultAddress } = customer;
  const address = defaultAddress && customerAddressBody(defaultAddress, customer.id);
  return {
    ...embeddedFields(shop, customer),
    addresses: address ? [address] : [],
    tax_exemptions: customer.taxExemptions,
    admin_graphql_api_id: customer.id,
    ...(address && { default_address: address }),
  };
}

/** The customer inside an order: no list of addresses. */
export function embeddedCustomerBody(shop: Shop, customer: Customer) {
  const { defaultAddress } = customer;
  return {
    ...embeddedFields(shop, customer),
    tax_exemptions: customer.taxExemptions,
    admin_graphql_api_id: customer.id,
    ...(defaultAddress && { default_address: customerAddressBody(defaultAddress, customer.id) }),
  };
}

function embeddedFields(shop: Shop, customer: Customer) {
  return {
    id: restId(customer.id),
    created_at: restTime(shop, customer.createdAt),
    updated_at: restTime(shop, customer.updatedAt),
    first_name: customer.firstName,
    last_name: customer.lastName,
    state: customer.state.toLowerCase(),
    note: customer.note,
    verified_email: customer.verifiedEmail,
    multipass_identifier: null,
    tax_exempt: customer.taxExempt,
    email: customer.defaultEmailAddress?.emailAddress ?? null,
    phone: customer.defaultPhoneNumber?.phoneNumber ?? null,
    currency: customer.amountSpent.currencyCode,
  };
}

export function customerDeleteBody(customer: Customer) {
  return { id: restId(customer.id), tax_exemptions: [], admin_graphql_api_id: customer.id };
}

export function customerMergeBody(kept: Customer, lost: Customer, jobGid: string) {
  return {
    admin_graphql_api_customer_kept_id: kept.id,
    admin_graphql_api_customer_deleted_id: lost.id,
    admin_graphql_api_job_id: jobGid,
    status: 'completed',
    errors: [],
  };
}

export function purchasingSummaryBody(customer: Customer, at: number) {
  return {
    customerId: customer.id,
    numberOfOrders: Number(customer.numberOfOrders),
    amountSpent: { amount: restMoney(customer.amountSpent), currencyCode: customer.amountSpent.currencyCode },
    lastOrderId: customer.lastOrderGid,
    occurredAt: new Date(at).toISOString(),
  };
}

export function customerTagsBody(customer: Customer, tags: readonly string[], at: number) {
  return { customerId: customer.id, tags, occurredAt: new Date(at).toISOString() };
}

export function emailConsentBody(shop: Shop, customer: Customer) {
  const email = customer.defaultEmailAddress;
  return {
    customer_id: restId(customer.id),
    email_address: email?.emailAddress ?? null,
    email_marketing_consent: {
      state: email?.marketingState.toLowerCase() ?? null,
      opt_in_level: email?.marketingOptInLevel?.toLowerCase() ?? null,
      consent_updated_at: restTimeOrNull(shop, email?.marketingUpdatedAt ?? null),
    },
  };
}

export function smsConsentBody(shop: Shop, customer: Customer) {
  const consent = customer.defaultPhoneNumber?.smsMarketingConsent;
  return {
    id: restId(customer.id),
    phone: customer.defaultPhoneNumber?.phoneNumber ?? null,
    sms_marketing_consent: {
      state: consent ? restConsentState(consent.state) : null,
      opt_in_level: consent?.optInLevel.toLowerCase() ?? null,
      consent_updated_at: restTimeOrNull(shop, consent?.updatedAt ?? null),
      consent_collected_from: consent?.collectedFrom.toLowerCase() ?? 'other',
    },
  };
}

/** REST knows no "never": it says "not_subscribed" for e-mail and texts alike. */
function restConsentState(state: string): string {
  return state === 'NEVER_SUBSCRIBED' ? 'not_subscribed' : state.toLowerCase();
}
