/**
 * One GraphQL request against one shop: checked, priced, charged, executed, and the difference to the actual
 * cost given back. The answer is HTTP 200 whatever happens, as Shopify's is.
 */
import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Shop } from '../shop.ts';
import type { Bucket } from './bucket.ts';
import { actualCost, type CostModel, estimateCost } from './cost.ts';
import { Documents } from './documents.ts';
import { executableSchema } from './executable.ts';
import { PAGE_MAX } from './page.ts';
import { badRequest, throttled, tooExpensive, tooManyInputs } from './problem.ts';
import { Reading } from './reading.ts';
import type { ApiStats } from './traffic.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
}

export interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What a shop's traffic is weighed with. */
export interface Scales {
  readonly bucket: Bucket;
  readonly stats: ApiStats;
  readonly costModel: CostModel;
}

interface Prepared {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Points; above this a query is refused on any plan. */
const QUERY_COST_MAX = 1000;

const documents = new Map<GraphQLSchema, Documents>();

export function run(shop: Shop, request: GraphqlRequest, scales: Scales): GraphqlAnswer {
  const schema = executableSchema(shop.barcodes);
  const prepared = prepare(schema, request);
  if ('errors' in prepared) return prepared;
  const { bucket, stats, costModel } = scales;
  const { document, variables, operation } = prepared;
  const name = operation.name?.value;
  const title = name ?? '(anonymous)';
  stats.operations[title] = (stats.operations[title] ?? 0) + 1;

  const requested = estimateCost(schema, document, variables, costModel, name);
  if (requested > QUERY_COST_MAX) return { errors: [tooExpensive(requested, QUERY_COST_MAX)] };
  if (!bucket.charge(requested)) {
    stats.throttled += 1;
    return { errors: [throttled()], extensions: costOf(requested, null, bucket) };
  }
  const reading = new Reading(shop);
  const result = executeNow(schema, prepared, request, reading);
  const sizes = (field: Parameters<Reading['sizeOf']>[0]) => reading.sizeOf(field);
  const actual = Math.min(requested, actualCost(schema, document, variables, costModel, sizes, name));
  bucket.giveBack(requested - actual);
  stats.points += actual;
  return { ...result, extensions: costOf(requested, actual, bucket) };
}

function prepare(
  schema: GraphQLSchema,
  request: GraphqlRequest,
): Prepared | (GraphqlAnswer & { errors: GraphQLError[] }) {
  const known = documents.get(schema) ?? new Documents(schema);
  documents.set(schema, known);
  const checked = known.get(request.query);
  if (!checked.ok) return { errors: [...checked.errors] };
  const operation = getOperationAST(checked.document, request.operationName);
  if (!operation) return { errors: [badRequest('An operation name is required')] };
  const values = getVariableValues(schema, operation.variableDefinitions ?? [], { ...request.variables });
  if (values.errors) return { errors: values.errors.map(invalidVariable) };
  const longest = Math.max(
    0,
    ...Object.values(values.coerced).map((value) => (Array.isArray(value) ? value.length : 0)),
  );
  if (longest > PAGE_MAX) return { errors: [tooManyInputs(longest, PAGE_MAX)] };
  return { document: checked.document, operation, variables: values.coerced };
}

const invalidVariable = ({ message, nodes }: GraphQLError): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, extensions: { code: 'INVALID_VARIABLE' } });

/** Our resolvers are synchronous, so the result is there at once: one request is one consistent look. */
function executeNow(
  schema: GraphQLSchema,
  { document }: Prepared,
  { variables, operationName }: GraphqlRequest,
  reading: Reading,
): GraphqlAnswer {
  const result = execute({
    schema,
    document,
    variableValues: variables,
    operationName,
    contextValue: reading,
  });
  if (result instanceof Promise) throw new Error('A resolver returned a promise: make it synchronous.');
  return result;
}

function costOf(requested: number, actual: number | null, bucket: Bucket): Readonly<Record<string, unknown>> {
  return {
    cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: bucket.status() },
  };
}
