/**
 * Token bucket of one process, without a store: for insurance while a store is down, for limits that
 * each instance may have for itself, and for tests.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import {
  assertBucket,
  type BucketPolicy,
  fits,
  quotaOf,
  refundMs,
  refusal,
  taken,
} from './bucket.ts';
import { assertGivenBack } from './given-back.ts';
import type { LayeredLimiter } from './rate-limiter.ts';

export interface MemoryBucketOptions extends BucketPolicy {
  /**
   * Keys that are remembered. Default 10,000. Beyond it one of the oldest is forgotten: one that is full
   * if there is any, which loses nothing, else the fullest, whose tokens are then all there again. So
   * whoever uses more keys than that gets no more than the capacity for each key that is new: as much as
   * so many callers would get.
   */
  readonly maxKeys?: number;
  /** Whole milliseconds. */
  readonly now?: () => number;
}

/** Keys that are looked at when one must go. */
const lookedAt = 8;

/** @throws RangeError for an option that makes no sense. */
export function memoryBucket({
  maxKeys = 10_000,
  now = Date.now,
  ...policy
}: MemoryBucketOptions): LayeredLimiter {
  assertBucket(policy);
  assertWhole({ maxKeys }, 1);
  const { capacity, refillEveryMs } = policy;
  /** When each key's bucket is full again. */
  const numbers = new Map<string, number>();
  // Goes round: an iterator sees what is added behind it, and never begins anew at each look.
  let hand = numbers.entries();

  function forgetOne(nowMs: number): void {
    let fullest: string | undefined;
    let fullAtMs = Infinity;
    for (let looked = 0; looked < lookedAt && fullAtMs > nowMs; looked++) {
      let next = hand.next();
      if (next.done) {
        hand = numbers.entries();
        next = hand.next();
      }
      if (!next.done && next.value[1] < fullAtMs) [fullest, fullAtMs] = next.value;
    }
    if (fullest !== undefined) numbers.delete(fullest);
  }

  return {
    quota: quotaOf(policy),
    foresee(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      const nowMs = now();
      const fullAtMs = numbers.get(key) ?? 0;
      return fits(policy, fullAtMs, { nowMs, cost })
        ? undefined
        : refusal(policy, fullAtMs, { nowMs, cost });
    },
    async take(key, { cost = 1 } = {}) {
      // The default needs no check, which would cost as much as the rest.
      if (cost !== 1) assertWhole({ cost }, 1);
      const nowMs = now();
      const last = numbers.get(key);
      if (!fits(policy, last ?? 0, { nowMs, cost }))
        return refusal(policy, last ?? 0, { nowMs, cost });
      if (last === undefined && numbers.size >= maxKeys) forgetOne(nowMs);
      const fullAtMs = Math.max(last ?? 0, nowMs) + cost * refillEveryMs;
      numbers.set(key, fullAtMs);
      return taken(policy, fullAtMs, nowMs);
    },
    async giveBack(key, given) {
      assertGivenBack(given, capacity);
      const nowMs = now();
      const fullAtMs = numbers.get(key) ?? 0;
      const backMs = refundMs(policy, given.cost, nowMs - given.takenAtMs);
      if (fullAtMs > nowMs) numbers.set(key, fullAtMs - backMs);
    },
  };
}
