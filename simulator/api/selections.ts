/** What a query selects on a type: fragments unfolded, `@skip` and `@include` obeyed. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;

export interface Selected {
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
}

export class Selections {
  readonly variables: Variables;
  readonly #schema: GraphQLSchema;
  readonly #operations: readonly OperationDefinitionNode[];
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, variables: Variables) {
    this.#schema = schema;
    this.variables = variables;
    this.#operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  /** The operation of this name, or the first one. */
  operation(name: string | undefined): OperationDefinitionNode {
    const found = this.#operations.find((node) => name === undefined || node.name?.value === name);
    if (!found) throw new GraphQLError(`The document has no operation ${name ?? ''}.`);
    return found;
  }

  /** The fields that an object of this type gets. On an interface: those selected for every object. */
  *fieldsOf(set: SelectionSetNode, type: GraphQLCompositeType): Generator<Selected> {
    for (const node of set.selections) {
      if (!this.#included(node)) continue;
      if (node.kind === Kind.FIELD) {
        const field = 'getFields' in type ? type.getFields()[node.name.value] : undefined;
        if (field) yield { node, field };
        continue;
      }
      const { selectionSet, typeCondition } = this.#unfold(node);
      if (this.#applies(typeCondition?.name.value, type)) yield* this.fieldsOf(selectionSet, type);
    }
  }

  /** The object types that the selection treats specially. */
  typesIn(set: SelectionSetNode, declared: GraphQLCompositeType): readonly GraphQLObjectType[] {
    if (!isAbstractType(declared)) return [];
    return this.#schema.getPossibleTypes(declared).filter(({ name }) => this.#mentions(set, name));
  }

  #mentions(set: SelectionSetNode, typeName: string): boolean {
    return set.selections.some((node) => {
      if (node.kind === Kind.FIELD) return false;
      const { typeCondition, selectionSet } = this.#unfold(node);
      return typeCondition?.name.value === typeName || this.#mentions(selectionSet, typeName);
    });
  }

  #unfold(node: Exclude<SelectionNode, FieldNode>): Pick<FragmentDefinitionNode, 'selectionSet'> & {
    readonly typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined;
  } {
    if (node.kind === Kind.INLINE_FRAGMENT) return node;
    const fragment = this.#fragments.get(node.name.value);
    if (!fragment) throw new GraphQLError(`The document has no fragment ${node.name.value}.`);
    return fragment;
  }

  #applies(condition: string | undefined, type: GraphQLCompositeType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = this.#schema.getType(condition);
    return isAbstractType(wanted) && isObjectType(type) && this.#schema.isSubType(wanted, type);
  }

  #included(node: SelectionNode): boolean {
    if (!node.directives?.length) return true;
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, node, this.variables);
    return skip?.['if'] !== true && include?.['if'] !== false;
  }
}
