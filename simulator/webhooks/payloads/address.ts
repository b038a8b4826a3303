import type { Address } from '../../model.ts';
import { restId } from './rest.ts';

/** An address on an order or a fulfilment: a copy without an identity. */
export function addressBody(address: Address) {
  return {
    first_name: address.firstName,
    address1: address.address1,
    phone: address.phone,
    city: address.city,
    zip: address.zip,
    province: address.province,
    country: address.country,
    last_name: address.lastName,
    address2: address.address2,
    company: address.company,
    latitude: null,
    longitude: null,
    name: fullName(address),
    country_code: address.countryCodeV2,
    province_code: address.provinceCode,
  };
}

/** A customer's own address. */
export function customerAddressBody(address: Address, customerGid: string) {
  return {
    id: restId(address.id),
    customer_id: restId(customerGid),
    first_name: address.firstName,
    last_name: address.lastName,
    company: address.company,
    address1: address.address1,
    address2: address.address2,
    city: address.city,
    province: address.province,
    country: address.country,
    zip: address.zip,
    phone: address.phone,
    name: fullName(address),
    province_code: address.provinceCode,
    country_code: address.countryCodeV2,
    country_name: address.country,
    default: true,
  };
}

function fullName({ firstName, lastName }: Address): string {
  return [firstName, lastName].filter((name) => name !== null).join(' ');
}
