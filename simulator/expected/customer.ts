import type { Customer } from '../model.ts';
import type { Shop } from '../shop.ts';
import { decimal4, decimalId, type ExpectedRow, instantOrNull, times } from './row.ts';

export function customerRow(shop: Shop, customer: Customer): ExpectedRow {
  const { defaultEmailAddress: email, defaultPhoneNumber: phone, defaultAddress: address } = customer;
  const lastOrder = customer.lastOrderGid === null ? null : shop.orders.current(customer.lastOrderGid);
  return {
    table: 'Customers',
    key: decimalId(customer.id),
    row: {
      FirstName: customer.firstName,
      LastName: customer.lastName,
      Email: email?.emailAddress ?? null,
      Phone: phone?.phoneNumber ?? null,
      Company: address?.company ?? null,
      City: address?.city ?? null,
      ProvinceCode: address?.provinceCode ?? null,
      CountryCode: address?.countryCodeV2 ?? null,
      AddressPhone: address?.phone ?? null,
      AcceptsEmailMarketing: email?.marketingState === 'SUBSCRIBED',
      AcceptsSMSMarketing: phone?.smsMarketingConsent.state === 'SUBSCRIBED',
      TotalSpent: decimal4(customer.amountSpent.amount),
      TotalSpentCurrency: customer.amountSpent.currencyCode,
      TotalOrders: Number(customer.numberOfOrders),
      TaxExempt: customer.taxExempt,
      Tags: customer.tags.join(', '),
      State: customer.state,
      VerifiedEmail: customer.verifiedEmail,
      Locale: customer.locale,
      Note: customer.note,
      LastOrderDate: instantOrNull(lastOrder?.processedAt),
      LastShopifyOrderId: lastOrder ? decimalId(lastOrder.id) : null,
      ...times(customer),
    },
    children: [],
  };
}
