/**
 * The options of every AWS client. The SDK's own defaults wait for ever on a server that accepts and
 * never answers, and `requestTimeout` alone only logs a warning.
 */
export interface ClientLimits {
  /** Tries of the SDK itself, the first included. 1 wherever a policy of ours retries outside. */
  readonly maxAttempts?: number;
  /** Longest time for one attempt, in milliseconds. */
  readonly requestTimeoutMs?: number;
}

export const clientOptions = ({
  maxAttempts = 3,
  requestTimeoutMs = 1_000,
}: ClientLimits = {}) => ({
  maxAttempts,
  requestHandler: {
    connectionTimeout: 300,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  },
});
