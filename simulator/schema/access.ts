/**
 * Who may read what: the scopes that Shopify's schema asks for a type or a field (any one of a list is enough),
 * and the fields that hold protected customer data. Written beside the cut schema, because SDL has no place
 * for it.
 */
import type { IntrospectionQuery, IntrospectionSchema } from 'graphql';

export interface Requirement {
  readonly anyOf: readonly string[];
  /** Shopify's own wording, which the error repeats. */
  readonly text: string;
}

/** Keys are `Type` and `Type.field`. */
export interface AccessTable {
  readonly requires: Readonly<Record<string, Requirement>>;
  readonly protectedFields: readonly string[];
}

/** The introspection as the developer tools ship it. */
export interface Enriched {
  readonly data: IntrospectionQuery;
  readonly offline_scopes: { readonly items: readonly ScopeItem[] };
}

interface ScopeItem {
  readonly typeName: string;
  readonly fieldName?: string;
  readonly requiredAccess: string;
  readonly offlineScopes: readonly string[];
}

export function accessOf(enriched: Enriched, cut: IntrospectionSchema): AccessTable {
  const names = new Set<string>();
  const protectedFields: string[] = [];
  for (const type of cut.types) {
    names.add(type.name);
    if (type.kind !== 'OBJECT' && type.kind !== 'INTERFACE') continue;
    for (const field of type.fields) {
      names.add(`${type.name}.${field.name}`);
      if ('isProtected' in field && field.isProtected === true)
        protectedFields.push(`${type.name}.${field.name}`);
    }
  }
  const requires: Record<string, Requirement> = {};
  for (const { typeName, fieldName, requiredAccess, offlineScopes } of enriched.offline_scopes.items) {
    const name = fieldName === undefined ? typeName : `${typeName}.${fieldName}`;
    if (names.has(name) && offlineScopes.length > 0)
      requires[name] = { anyOf: offlineScopes, text: requiredAccess };
  }
  return { requires, protectedFields };
}
