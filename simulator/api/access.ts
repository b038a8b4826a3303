/** Whether the app may read a field: scopes per type and field, and fields withheld from it. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
} from 'graphql';
import type { Requirement } from '../schema/access.ts';
import { loadAccess } from '../schema/load.ts';

/** The requirement of a type or `Type.field` that the scopes do not meet, or null. */
export function missingFor(scopes: ReadonlySet<string>, name: string): Requirement | null {
  const requirement = loadAccess().requires[name];
  return requirement && !requirement.anyOf.some((scope) => scopes.has(scope)) ? requirement : null;
}

/** Everything a field asks for: for itself, for the type it returns, for the nodes of a connection. */
export function requirementsOf(
  parent: GraphQLObjectType,
  field: Pick<GraphQLField<unknown, unknown>, 'name' | 'type'>,
): readonly Requirement[] {
  const { requires } = loadAccess();
  const type = getNamedType(field.type);
  const names = [`${parent.name}.${field.name}`, type.name, nodeOf(type)?.name];
  const found = names.map((name) => (name === undefined ? undefined : requires[name]));
  return found.filter((requirement) => requirement !== undefined);
}

function nodeOf(type: GraphQLNamedType): GraphQLNamedType | null {
  if (!isObjectType(type) || !type.name.endsWith('Connection')) return null;
  const nodes = type.getFields()['nodes'];
  return nodes ? getNamedType(nodes.type) : null;
}
