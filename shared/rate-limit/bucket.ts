/**
 * A token bucket as one number, `fullAtMs`: when it will be full again. Every token that is missing
 * moves it by `refillEveryMs`. Whole milliseconds add up exactly where a count with fractions drifts,
 * taking tokens is one addition, and nobody has to fill it.
 *
 * This is the generic cell rate algorithm; the number is its theoretical arrival time.
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { Quota, Refused, Standing, Taken } from './rate-limiter.ts';

export interface BucketPolicy {
  /** Tokens in a full bucket, which is the largest burst. A whole number from 1. */
  readonly capacity: number;
  /** Time for one token to come back, in whole milliseconds from 1: 1000 / refillEveryMs a second. */
  readonly refillEveryMs: number;
}

/** An empty bucket is full again within a year, so that every instant stays a whole number. */
const longestFillMs = 366 * 86_400_000;

/** @throws RangeError for a policy that limits nothing, or is not in whole numbers. */
export function assertBucket({ capacity, refillEveryMs }: BucketPolicy): void {
  assertWhole({ capacity, refillEveryMs }, 1);
  if (capacity * refillEveryMs > longestFillMs)
    throw new RangeError(
      `capacity × refillEveryMs must be at most ${longestFillMs} (a year), got ${capacity * refillEveryMs}`,
    );
}

export const fillMs = ({ capacity, refillEveryMs }: BucketPolicy): number =>
  capacity * refillEveryMs;

export const quotaOf = (policy: BucketPolicy): Quota => ({
  tokens: policy.capacity,
  windowMs: fillMs(policy),
});

/** The latest `fullAtMs` at which the cost still fits. Below now: it never does. */
export const roomUntilMs = (policy: BucketPolicy, nowMs: number, cost: number): number =>
  nowMs + fillMs(policy) - cost * policy.refillEveryMs;

export const fits = (
  policy: BucketPolicy,
  fullAtMs: number,
  { nowMs, cost }: { readonly nowMs: number; readonly cost: number },
): boolean => Math.max(fullAtMs, nowMs) <= roomUntilMs(policy, nowMs, cost);

export function standing(policy: BucketPolicy, fullAtMs: number, nowMs: number): Standing {
  const { capacity, refillEveryMs } = policy;
  const fullInMs = Math.max(0, fullAtMs - nowMs);
  const missing = Math.ceil(fullInMs / refillEveryMs);
  const remaining = Math.max(0, capacity - missing);
  // One more than remain fits once the bucket lacks one less than all the others.
  const nextTokenMs = Math.max(0, fullInMs - (capacity - remaining - 1) * refillEveryMs);
  return { remaining, nextTokenMs: remaining === capacity ? 0 : nextTokenMs, fullInMs };
}

/** Of a take that went through: `fullAtMs` is the number after it. */
export function taken(policy: BucketPolicy, fullAtMs: number, nowMs: number): Taken {
  const { remaining, nextTokenMs, fullInMs } = standing(policy, fullAtMs, nowMs);
  // Each named, not spread: it is made for every call, and a spread costs more than all the rest.
  return { allowed: true, takenAtMs: nowMs, delayMs: 0, remaining, nextTokenMs, fullInMs };
}

export function refusal(
  policy: BucketPolicy,
  fullAtMs: number,
  { nowMs, cost }: { readonly nowMs: number; readonly cost: number },
): Refused {
  const retryAfterMs =
    cost > policy.capacity ? Infinity : fullAtMs - roomUntilMs(policy, nowMs, cost);
  return { allowed: false, retryAfterMs, ...standing(policy, fullAtMs, nowMs) };
}

/**
 * How far a refund moves `fullAtMs` back. What has come back since the take is not given a second
 * time: others may have taken it. A clock that was set back counts as no time.
 */
export const refundMs = (
  { refillEveryMs }: BucketPolicy,
  cost: number,
  sinceTakenMs: number,
): number => Math.max(0, cost * refillEveryMs - Math.max(0, sinceTakenMs));
