/** What becomes of a message whose work failed. */
import { InProgressElsewhere, nameOf, PermanentFault } from './faults.ts';

export interface RetryPolicy {
  /** Receives that a worker may use, the first included. From 1. */
  readonly maxAttempts: number;
  /** Delay before the second attempt, in milliseconds; each later one doubles. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * The delay after the `attempt`th receive (from 1): half of it certain, so that the attempts together
 * outlast an outage of known length, half of it random, so that messages that failed together do not
 * come back together.
 */
export function retryDelayMs(
  attempt: number,
  { baseDelayMs, maxDelayMs }: RetryPolicy,
  random: () => number,
): number {
  const fullMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return fullMs / 2 + (fullMs / 2) * random();
}

/** The shortest time between the first attempt and the last. An outage below it buries nothing. */
export const shortestSpanMs = (policy: RetryPolicy): number =>
  Array.from({ length: policy.maxAttempts - 1 }, (_, i) =>
    retryDelayMs(i + 1, policy, () => 0),
  ).reduce((sum, delayMs) => sum + delayMs, 0);

export type Verdict =
  | { readonly bury: true; readonly cause: string; readonly error: string }
  | {
      readonly bury: false;
      readonly afterMs: number;
      /** Somebody else's clock says when: it is not for us to shorten. */
      readonly exact: boolean;
      readonly error: string;
    };

/** A lease that ends now is about to be somebody's: coming back at once would only use up receives. */
const leastMs = 1_000;

/**
 * `error` is the fault's name: its message may hold anything, and is for the log's owner to decide.
 *
 * A message that another worker is at is not buried on its last permitted receive: the letter would
 * tell of a failure that is none, or not yet. The queue lets it come once more, the receive that is
 * kept for crashes; if another is at it even then, it is buried before the queue does so in silence.
 */
export function verdict(
  fault: unknown,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): Verdict {
  const error = nameOf(fault);
  if (fault instanceof PermanentFault)
    return { bury: true, cause: fault.reason || 'unknown', error };
  if (fault instanceof InProgressElsewhere && attempt <= policy.maxAttempts)
    return { bury: false, afterMs: Math.max(leastMs, fault.remainingMs), exact: true, error };
  if (attempt >= policy.maxAttempts) return { bury: true, cause: 'attempts-exhausted', error };
  return { bury: false, afterMs: retryDelayMs(attempt, policy, random), exact: false, error };
}
