/**
 * Validation with Shopify's error codes. The real API runs on another GraphQL library, which names every kind of
 * mistake; each of our rules is given the name it has there. The rule for unknown fields is our own, because its
 * error carries the type, the field and the way there.
 */
import {
  type ASTVisitor,
  type DocumentNode,
  ExecutableDefinitionsRule,
  type FieldNode,
  FieldsOnCorrectTypeRule,
  FragmentsOnCompositeTypesRule,
  GraphQLError,
  type GraphQLSchema,
  KnownArgumentNamesRule,
  KnownFragmentNamesRule,
  KnownTypeNamesRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  type OperationDefinitionNode,
  OverlappingFieldsCanBeMergedRule,
  PossibleFragmentSpreadsRule,
  ProvidedRequiredArgumentsRule,
  ScalarLeafsRule,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
  VariablesInAllowedPositionRule,
  validate,
} from 'graphql';

const CODES: ReadonlyMap<ValidationRule, string> = new Map<ValidationRule, string>([
  [ExecutableDefinitionsRule, 'invalidDefinition'],
  [FragmentsOnCompositeTypesRule, 'fragmentOnNonCompositeType'],
  [KnownArgumentNamesRule, 'argumentNotAccepted'],
  [KnownFragmentNamesRule, 'useAndDefineFragment'],
  [KnownTypeNamesRule, 'undefinedType'],
  [NoFragmentCyclesRule, 'infiniteLoop'],
  [NoUndefinedVariablesRule, 'variableNotDefined'],
  [NoUnusedFragmentsRule, 'useAndDefineFragment'],
  [NoUnusedVariablesRule, 'variableNotUsed'],
  [OverlappingFieldsCanBeMergedRule, 'fieldConflict'],
  [PossibleFragmentSpreadsRule, 'cannotSpreadFragment'],
  [ProvidedRequiredArgumentsRule, 'missingRequiredArguments'],
  [ScalarLeafsRule, 'selectionMismatch'],
  [ValuesOfCorrectTypeRule, 'argumentLiteralsIncompatible'],
  [VariablesInAllowedPositionRule, 'variableMismatch'],
]);

/** All errors of all rules, in the order of the document. */
export function problemsIn(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const rules = specifiedRules.filter((rule) => rule !== FieldsOnCorrectTypeRule);
  const errors = rules.flatMap((rule) =>
    validate(schema, document, [rule]).map((error) => coded(error, CODES.get(rule) ?? 'invalidQuery')),
  );
  errors.push(...validate(schema, document, [undefinedFields]));
  return errors.sort((a, b) => positionOf(a) - positionOf(b));
}

function undefinedFields(context: ValidationContext): ASTVisitor {
  return {
    Field(node, _key, _parent, _path, ancestors) {
      const type = context.getParentType();
      if (!type || context.getFieldDef()) return;
      const fieldName = node.name.value;
      const extensions = { code: 'undefinedField', typeName: type.name, fieldName };
      const path = [...wayTo(ancestors), node.alias?.value ?? fieldName];
      const message = `Field '${fieldName}' doesn't exist on type '${type.name}'`;
      context.reportError(located(message, node, path, extensions));
    },
  };
}

/** `query CustomersSweep`, `customers`, `nodes`: operation or fragment first, then the fields. */
function wayTo(ancestors: readonly unknown[]): string[] {
  const way: string[] = [];
  for (const ancestor of ancestors) {
    if (!isNode(ancestor)) continue;
    if (ancestor.kind === 'OperationDefinition') way.push(titleOf(ancestor));
    if (ancestor.kind === 'FragmentDefinition') way.push(`fragment ${ancestor.name?.value}`);
    if (ancestor.kind === 'Field') way.push(ancestor.alias?.value ?? ancestor.name.value);
  }
  return way;
}

type Ancestor =
  | OperationDefinitionNode
  | FieldNode
  | { kind: 'FragmentDefinition'; name?: { value: string } };

const isNode = (value: unknown): value is Ancestor =>
  typeof value === 'object' && value !== null && 'kind' in value;

const titleOf = ({ operation, name }: OperationDefinitionNode): string =>
  name ? `${operation} ${name.value}` : operation;

function located(
  message: string,
  node: FieldNode,
  path: readonly string[],
  extensions: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(message, { nodes: [node], path, extensions });
}

function coded(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code } });
}

const positionOf = ({ positions }: GraphQLError): number => positions?.[0] ?? 0;
