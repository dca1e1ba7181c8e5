/** What a failure of the limits' store says of other calls. */
import { StoreTimeoutError, UnsettledTakeError } from './errors.ts';

/**
 * - `throttled`: the store is well, and this key has more than its share of it.
 * - `one-key`: something is wrong with what lies there, or was asked for.
 * - `late`: no answer in time.
 * - `down`: anything else.
 */
export type StoreFailure = 'throttled' | 'one-key' | 'late' | 'down';

/**
 * DynamoDB's three. That a partition is at its maximum (`KeyRangeThroughputExceeded`) comes as one of
 * them, as its reason.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing-workflow.html
 */
const throttles: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

export const isThrottled = (error: unknown): boolean =>
  error instanceof Error && throttles.has(error.name);

export function failureOf(error: unknown): StoreFailure {
  if (isThrottled(error)) return 'throttled';
  if (error instanceof StoreTimeoutError) return 'late';
  const isOfOneKey =
    error instanceof RangeError ||
    error instanceof TypeError ||
    error instanceof UnsettledTakeError;
  return isOfOneKey ? 'one-key' : 'down';
}
