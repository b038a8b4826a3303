/** Query texts parsed and validated once. Clients send the same few texts for ever; a bound keeps out the rest. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { problemsIn } from './rules.ts';

export type Checked =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

const DOCUMENTS_MAX = 500;

export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #checked = new Map<string, Checked>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  get(text: string): Checked {
    const known = this.#checked.get(text);
    if (known) return known;
    if (this.#checked.size >= DOCUMENTS_MAX) this.#checked.clear();
    const checked = this.#check(text);
    this.#checked.set(text, checked);
    return checked;
  }

  #check(text: string): Checked {
    try {
      const document = parse(text);
      const errors = problemsIn(this.#schema, document);
      return errors.length > 0 ? { ok: false, errors } : { ok: true, document };
    } catch (error) {
      if (error instanceof GraphQLError) return { ok: false, errors: [error] };
      throw error;
    }
  }
}
