/**
 * What a query costs, by the formula that Shopify's engineers gave and live answers confirm:
 *
 *     object                 1 + its children          scalar, enum, pageInfo   0
 *     connection             2 + node × floor(2·ln(max(2, first)))
 *     list with `first`      element × floor(2·ln(max(2, first)))
 *     nodes(ids:)            element × floor(2·ln(max(2, number of ids)))
 *     plain list             one element
 *     interface, union       the dearest of its possible selections
 *     mutation               10
 *
 * "Value objects" (money, addresses, counts …) are free, as observed; Shopify has not published which ones are.
 * The pessimistic model charges them like any object, so that nothing comes to rely on the kindness.
 *
 * The actual cost is the same formula over the sizes that the answer really had.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type SelectionSetNode,
} from 'graphql';
import { type Selected, Selections, type Variables } from './selections.ts';

export type CostModel = 'observed' | 'pessimistic';

/**
 * How many elements a field gave on average to a parent, for a single object 0 to 1; undefined where there was
 * no parent to give to.
 */
export type Sizes = (field: FieldNode) => number | undefined;

const MUTATION_POINTS = 10;
const CONNECTION_POINTS = 2;

// biome-ignore format: a list of names reads better in lines of words
const VALUE_OBJECTS: ReadonlySet<string> = new Set([
  'AccessScope', 'ApiVersion', 'Attribute', 'Count', 'CustomerEmailAddress', 'CustomerPhoneNumber',
  'CustomerSmsMarketingConsent', 'FulfillmentTrackingInfo', 'Image', 'InventoryItemMeasurement', 'MailingAddress',
  'MediaPreviewImage', 'MoneyBag', 'MoneyV2', 'OrderApp', 'OrderAttribution', 'PricingPercentageValue',
  'ProductPriceRangeV2', 'SEO', 'SelectedOption', 'ShopPlan', 'ShopResourceLimits', 'TaxLine', 'UserError', 'Weight',
]);

/** Points that Shopify charges before it runs the document's operation (the only one, or the named one). */
export function estimateCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
  model: CostModel = 'observed',
  operationName?: string,
): number {
  const selections = new Selections(schema, document, variables);
  return new Pricing(selections, model, null).operation(schema, operationName);
}

/** Points that stay charged afterwards, by the sizes that were measured while executing. */
export function actualCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
  model: CostModel,
  sizes: Sizes,
  operationName?: string,
): number {
  const selections = new Selections(schema, document, variables);
  return Math.ceil(new Pricing(selections, model, sizes).operation(schema, operationName));
}

class Pricing {
  readonly #selections: Selections;
  readonly #model: CostModel;
  readonly #sizes: Sizes | null;

  constructor(selections: Selections, model: CostModel, sizes: Sizes | null) {
    this.#selections = selections;
    this.#model = model;
    this.#sizes = sizes;
  }

  operation(schema: GraphQLSchema, name: string | undefined): number {
    const { operation, selectionSet } = this.#selections.operation(name);
    const root = schema.getRootType(operation);
    if (!root) return 0;
    if (operation === 'mutation')
      return [...this.#selections.fieldsOf(selectionSet, root)].length * MUTATION_POINTS;
    return this.#sum(selectionSet, root);
  }

  /** What is selected on an interface or union costs as much as on the dearest type that may stand there. */
  #children(set: SelectionSetNode, type: GraphQLCompositeType): number {
    const types = [type, ...this.#selections.typesIn(set, type)];
    return Math.max(...types.map((possible) => this.#sum(set, possible)));
  }

  #sum(set: SelectionSetNode, type: GraphQLCompositeType): number {
    let points = 0;
    for (const selected of this.#selections.fieldsOf(set, type)) points += this.#field(selected);
    return points;
  }

  #field(selected: Selected): number {
    const { selectionSet } = selected.node;
    const type = getNamedType(selected.field.type);
    if (!selectionSet || !isCompositeType(type)) return 0;
    const measured = this.#sizes?.(selected.node);
    if (this.#sizes && measured === undefined) return 0;
    const children = this.#children(selectionSet, type);
    if (type.name.endsWith('Connection')) {
      return CONNECTION_POINTS + children * logarithmic(measured ?? this.#requested(selected));
    }
    return (this.#own(type) + children) * this.#times(selected, measured);
  }

  #times(selected: Selected, measured: number | undefined): number {
    const { type, args } = selected.field;
    const isSized = args.some(({ name }) => name === 'first' || name === 'ids');
    if (isSized && isListType(getNullableType(type)))
      return logarithmic(measured ?? this.#requested(selected));
    return Math.min(1, measured ?? 1);
  }

  /** How many elements were asked for: by `first` or `last`, or by the number of ids. */
  #requested({ node, field }: Selected): number {
    const { ids, first, last } = getArgumentValues(field, node, this.#selections.variables);
    if (Array.isArray(ids)) return ids.length;
    const size = first ?? last;
    return typeof size === 'number' ? size : 1;
  }

  /** Edges are a way to write nodes and cost nothing themselves. */
  #own({ name }: GraphQLCompositeType): number {
    if (name === 'PageInfo' || name.endsWith('Edge')) return 0;
    return this.#model === 'observed' && VALUE_OBJECTS.has(name) ? 0 : 1;
  }
}

/** The multiplier of `size` elements: none for none, 11 for 250. */
function logarithmic(size: number): number {
  return size <= 0 ? 0 : Math.floor(2 * Math.log(Math.max(2, Math.ceil(size))));
}
