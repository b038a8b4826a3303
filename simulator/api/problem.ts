/** Errors in the words and codes of Shopify's API. */
import { GraphQLError } from 'graphql';
import type { Requirement } from '../schema/access.ts';

const SCOPES_PAGE = 'https://shopify.dev/api/usage/access-scopes';
const LIMITS_PAGE = 'https://shopify.dev/api/usage/rate-limits';
const CUSTOMER_DATA_PAGE = 'https://shopify.dev/docs/apps/launch/protected-customer-data';

export function missingScope(field: string, requirement: Requirement): GraphQLError {
  return new GraphQLError(`Access denied for ${field} field. Required access: ${requirement.text}`, {
    extensions: { code: 'ACCESS_DENIED', documentation: SCOPES_PAGE, requiredAccess: requirement.text },
  });
}

/** A field of protected customer data for which the app was not approved. */
export function withheldField(field: string): GraphQLError {
  const message = `This app is not approved to use the ${field} field. See ${CUSTOMER_DATA_PAGE} for more details.`;
  return new GraphQLError(message, {
    extensions: { code: 'ACCESS_DENIED', documentation: CUSTOMER_DATA_PAGE },
  });
}

export function throttled(): GraphQLError {
  return new GraphQLError('Throttled', { extensions: { code: 'THROTTLED', documentation: LIMITS_PAGE } });
}

export function tooExpensive(cost: number, maxCost: number): GraphQLError {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${maxCost}).`;
  return new GraphQLError(message, {
    extensions: { code: 'MAX_COST_EXCEEDED', cost, maxCost, documentation: LIMITS_PAGE },
  });
}

export function tooManyInputs(size: number, max: number): GraphQLError {
  const message = `The input array size of ${size} is greater than the maximum allowed of ${max}.`;
  return new GraphQLError(message, { extensions: { code: 'MAX_INPUT_SIZE_EXCEEDED' } });
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

export const invalidCursor = (): GraphQLError => badRequest('Invalid cursor for current pagination sort.');

/** A part of Shopify that is in the schema and not in this simulator. Never seen with the real one. */
export function notSimulated(what: string): GraphQLError {
  const message = `The simulator does not answer ${what}: leave it out of the query or teach it in simulator/api.`;
  return new GraphQLError(message, { extensions: { code: 'NOT_SIMULATED' } });
}
