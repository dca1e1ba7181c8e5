/**
 * The options of every AWS client. The SDK's own defaults wait for ever on a server that accepts and
 * never answers, and `requestTimeout` alone only logs a warning.
 */
export interface ClientLimits {
  /** Tries of the SDK itself, the first included. 1 wherever a policy of ours retries outside. */
  readonly maxAttempts?: number;
  /** Longest time for one attempt, in milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Longest time for a connection, in milliseconds; the attempt's own does not begin before. */
  readonly connectTimeoutMs?: number;
}

/** At a desk, and in a test: only a person waits, and a busy machine that answers late is no fault. */
export const patience = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
} as const satisfies ClientLimits;

export const clientOptions = ({
  maxAttempts = 3,
  requestTimeoutMs = 1_000,
  connectTimeoutMs = 300,
}: ClientLimits = {}) => ({
  maxAttempts,
  requestHandler: {
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  },
});
