/**
 * Leaky bucket, as a queue: shapes traffic instead of cutting it. A take answers when the caller's turn
 * comes (`delayMs`), and one call's turn is `cost` × `leakEveryMs` before the next one's. When the bucket
 * would run over, it is refused.
 *
 * It is the token bucket's number read otherwise: what is missing from the one lies in the other. The
 * delay says how much of it lay there before.
 */
import type { RateLimiter } from './rate-limiter.ts';
import { type TokenBucketOptions, tokenBucket } from './token-bucket.ts';

export interface LeakyBucketOptions extends Omit<TokenBucketOptions, 'refillEveryMs'> {
  /** What the bucket holds, the one whose turn it is included: no turn is later than
   *  (capacity − 1) × leakEveryMs from now. A whole number from 1; with 1, nobody waits. */
  readonly capacity: number;
  /** Time for one token's worth to leak, in whole milliseconds from 1. */
  readonly leakEveryMs: number;
}

/**
 * Nobody sleeps here: the caller keeps its turn itself, by a message's delay or a timer.
 *
 * @throws RangeError for an option that makes no sense.
 */
export function leakyBucket({
  leakEveryMs,
  name = 'leaky-bucket',
  ...options
}: LeakyBucketOptions): RateLimiter {
  const { quota, take } = tokenBucket({ ...options, name, refillEveryMs: leakEveryMs });
  return {
    quota,
    async take(key, { cost = 1 } = {}) {
      const answer = await take(key, { cost });
      return answer.allowed ? { ...answer, delayMs: answer.fullInMs - cost * leakEveryMs } : answer;
    },
  };
}
