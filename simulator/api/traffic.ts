/** What went over the API of one shop, for tests and benchmarks to read. */
export interface ApiStats {
  /** GraphQL requests that reached the shop with a valid token. */
  requests: number;
  throttled: number;
  /** Answered by an injected fault instead. */
  faults: number;
  /** Actual points charged. */
  points: number;
  /** Requests by operation name; `(anonymous)` for those without one. */
  readonly operations: Record<string, number>;
}

export const newStats = (): ApiStats => ({
  requests: 0,
  throttled: 0,
  faults: 0,
  points: 0,
  operations: {},
});
