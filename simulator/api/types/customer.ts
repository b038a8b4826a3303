import type { Customer } from '../../model.ts';
import { numericId } from '../../ordering.ts';
import type { Resolvers } from '../resolver.ts';

export const customer: Resolvers<Customer> = {
  legacyResourceId: ({ id }) => numericId(id),
  displayName: ({ firstName, lastName, defaultEmailAddress, defaultPhoneNumber }) =>
    [firstName, lastName].filter(Boolean).join(' ') ||
    (defaultEmailAddress?.emailAddress ?? defaultPhoneNumber?.phoneNumber ?? ''),
  email: ({ defaultEmailAddress }) => defaultEmailAddress?.emailAddress ?? null,
  phone: ({ defaultPhoneNumber }) => defaultPhoneNumber?.phoneNumber ?? null,
  addresses: ({ defaultAddress }) => (defaultAddress ? [defaultAddress] : []),
  lastOrder: ({ lastOrderGid }, _args, reading) =>
    lastOrderGid === null ? null : reading.order(lastOrderGid),
  canDelete: ({ numberOfOrders }) => numberOfOrders === '0',
  productSubscriberStatus: () => 'NEVER_SUBSCRIBED',
};
