import { z } from 'zod';
import type { EntityName } from './entities/registry.ts';
import type { DimensionsOf, MetricName } from './metrics.ts';

/**
 * What the service tells of itself beside its log: measurements, and spans that lead from a delivery to its row.
 * Nobody waits for where they go, which is a door's business, and nothing depends on their arriving.
 *
 * Traces cross queues as W3C traceparents: `00-<trace>-<span>-<flags>`.
 */
export interface Telemetry {
  measure<N extends MetricName>(name: N, value: number, by: DimensionsOf<N>): void;
  /** Runs `work` as a span: a part of what is under way, or of the trace that is given. Passes on what it throws. */
  span<T>(about: SpanAbout, work: (span: Span) => Promise<T>): Promise<T>;
  /** A span without a duration: that something took effect. */
  moment(about: SpanAbout): void;
  /** Runs `work` as a part of a span of another process, the host's for example. */
  within<T>(traceparent: string | null, work: () => Promise<T>): Promise<T>;
  /** What a message has to carry so that its receiver can go on with this trace; null when nothing is traced. */
  traceparent(): string | null;
  /**
   * Hands over what is still kept here, a little later if that was done just now; `now` is for a process that ends.
   * Takes seconds at most, and never fails.
   */
  flush(when?: 'now'): Promise<void>;
}

export interface SpanAbout {
  readonly name: SpanName;
  /** `client`: a request to somebody else. */
  readonly kind?: 'client';
  /** The trace to go on with; what is under way is then linked. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

export type SpanName =
  /** The door's part of a verified delivery. */
  | 'delivery'
  /** Marking its keys. */
  | 'mark'
  /** Answering a doorbell, with the wait for a place. */
  | 'doorbell'
  /** One batch of a refresh. */
  | 'refresh'
  /** In the trace of each delivery that a refresh proved, linked to the refresh. */
  | 'delivery refreshed'
  | 'sweep'
  | 'census'
  /** One request to the Admin API, by the name of its operation. */
  | `shopify ${string}`;

/** Counts, codes and ids of ours, never anything of a person (R12). */
export interface SpanAttributes {
  /** Null where only its domain is known. */
  readonly StoreId?: number | null;
  readonly Entity?: EntityName;
  readonly Topic?: string;
  readonly Operation?: string;
  readonly Outcome?: string;
  readonly Keys?: number;
  readonly Points?: number;
  readonly LagMs?: number;
  readonly 'http.request.method'?: 'POST';
  readonly 'http.response.status_code'?: number;
  readonly 'server.address'?: string;
  readonly 'url.full'?: string;
}

export interface Span {
  set(attributes: SpanAttributes): void;
}

const NO_SPAN: Span = { set: () => {} };

/** Tells nobody. */
export const untold: Telemetry = {
  measure: () => {},
  span: (_, work) => work(NO_SPAN),
  moment: () => {},
  within: (_, work) => work(),
  traceparent: () => null,
  flush: async () => {},
};

/** In a message. What cannot be one is none: no message fails for it. */
export const traceparent = z
  .string()
  .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  .optional()
  .catch(undefined);

/** What the host tells of an invocation, as far as it concerns us. */
export interface Invocation {
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined;
}

/** The host's own span for an invocation, of which our spans are parts. */
export const hostTrace = ({ traceContext }: Invocation): string | null => traceContext?.traceParent ?? null;
