/**
 * The schema made executable: every field gets one resolver that asks for access, finds the value and notes how
 * much came back.
 *
 * A field without a resolver of its own is the property of its name. Where our objects have no such property the
 * shop simply has none of it, as far as the type allows (null, an empty list, an empty connection); a field that
 * must have a value fails with NOT_SIMULATED rather than making one up.
 */
import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type BarcodeFields, freshSchema } from '../schema/load.ts';
import { requirementsOf } from './access.ts';
import { emptyPage, Page } from './page.ts';
import { missingScope, notSimulated, withheldField } from './problem.ts';
import type { Reading } from './reading.ts';
import type { Resolver } from './resolver.ts';
import { customer } from './types/customer.ts';
import { lineItem, order, refund } from './types/order.ts';
import { inventoryItem, product, productVariant, variantBarcodes } from './types/product.ts';
import { mutation, queryRoot } from './types/root.ts';
import { webhookSubscription } from './types/webhook.ts';

type FieldResolver = GraphQLFieldResolver<unknown, Reading>;
type Field = GraphQLField<unknown, Reading>;

const executable = new Map<BarcodeFields, GraphQLSchema>();

export function executableSchema(barcodes: BarcodeFields): GraphQLSchema {
  const known = executable.get(barcodes);
  if (known) return known;
  const made = withResolvers(freshSchema(barcodes), barcodes);
  executable.set(barcodes, made);
  return made;
}

function withResolvers(schema: GraphQLSchema, barcodes: BarcodeFields): GraphQLSchema {
  attach(schema, 'QueryRoot', queryRoot, rootFallback);
  attach(schema, 'Mutation', mutation, rootFallback);
  attach(schema, 'Customer', customer);
  attach(schema, 'Product', product);
  attach(
    schema,
    'ProductVariant',
    barcodes === 'single' ? productVariant : { ...productVariant, ...variantBarcodes },
  );
  attach(schema, 'InventoryItem', inventoryItem);
  attach(schema, 'Order', order);
  attach(schema, 'LineItem', lineItem);
  attach(schema, 'Refund', refund);
  attach(schema, 'WebhookSubscription', webhookSubscription);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) attach(schema, type.name, {});
  }
  printScalars(schema);
  return schema;
}

/** `own` is typed by its own source type; graphql-js hands every resolver whatever the parent returned. */
function attach<T>(
  schema: GraphQLSchema,
  typeName: string,
  own: Readonly<Record<string, Resolver<T>>>,
  fallback: (field: Field, type: GraphQLObjectType) => FieldResolver = propertyOf,
): void {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`The schema has no object type ${typeName}.`);
  const fields = type.getFields();
  const unknown = Object.keys(own).filter((name) => !fields[name]);
  if (unknown.length > 0)
    throw new Error(`${typeName} has no field ${unknown.join(', ')}: mend the resolver.`);
  for (const field of Object.values(fields)) {
    field.resolve ??= guarded(type, field, own[field.name] ?? fallback(field, type));
  }
}

function guarded<T>(
  type: GraphQLObjectType,
  field: Field,
  resolve: GraphQLFieldResolver<T, Reading>,
): GraphQLFieldResolver<T, Reading> {
  const requirements = requirementsOf(type, field);
  const name = `${type.name}.${field.name}`;
  const composite = isCompositeType(getNamedType(field.type));
  return (source, args, reading, info) => {
    for (const requirement of requirements) {
      const met = requirement.anyOf.some((scope) => reading.scopes.has(scope));
      if (!met) throw missingScope(field.name, requirement);
    }
    if (reading.shop.withheld.size > 0 && reading.shop.withheld.has(name)) throw withheldField(field.name);
    const value = resolve(source, args, reading, info);
    if (composite) measure(reading, info.fieldNodes, value);
    return value;
  };
}

function measure(reading: Reading, [node]: Parameters<FieldResolver>[3]['fieldNodes'], value: unknown): void {
  if (!node) return;
  if (value instanceof Page) reading.measure(node, value.entries.length);
  else if (Array.isArray(value)) reading.measure(node, value.filter((element) => element !== null).length);
  else reading.measure(node, value === null ? 0 : 1);
}

function rootFallback(field: Field, type: GraphQLObjectType): FieldResolver {
  return () => {
    throw notSimulated(`${type.name}.${field.name}`);
  };
}

function propertyOf(field: Field, type: GraphQLObjectType): FieldResolver {
  const absent = absenceOf(field);
  const { name } = field;
  return (source) => {
    const object = isObject(source) ? source : {};
    const value = object[name];
    if (value !== undefined) return value;
    const set = object[`${name}Set`];
    // `totalPrice` and its like are the deprecated short forms of `totalPriceSet.shopMoney.amount`.
    if (isObject(set) && isObject(set['shopMoney'])) return set['shopMoney']['amount'];
    if (absent === undefined) throw notSimulated(`${type.name}.${name}`);
    return absent;
  };
}

/** What a field says that has nothing to say; undefined when its type allows nothing of the kind. */
function absenceOf({ type }: Field): unknown {
  if (!isNonNullType(type)) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [];
  return isObjectType(nullable) && nullable.name.endsWith('Connection') ? emptyPage() : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Our times are milliseconds with fractions; Shopify prints whole seconds, and 64-bit integers as strings. */
function printScalars(schema: GraphQLSchema): void {
  printAs(schema, 'DateTime', (value) => {
    if (typeof value !== 'number')
      throw new Error(`A time is a number of milliseconds, not ${String(value)}.`);
    return `${new Date(value).toISOString().slice(0, 19)}Z`;
  });
  printAs(schema, 'UnsignedInt64', String);
}

function printAs(schema: GraphQLSchema, name: string, print: (value: unknown) => string): void {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLScalarType)) throw new Error(`The schema has no scalar ${name}.`);
  type.serialize = print;
}
