/** The shape of our resolvers: the object, the field's arguments, the request's view of the shop. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Args } from './page.ts';
import type { Reading } from './reading.ts';

export type Resolver<T> = (source: T, args: Args, reading: Reading, info: GraphQLResolveInfo) => unknown;

/** By field name. A field without a resolver is the property of its name. */
export type Resolvers<T> = Readonly<Record<string, Resolver<T>>>;
