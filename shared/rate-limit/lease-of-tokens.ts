/** Tokens that one environment holds of one key for a while, and what it answers of them. */
import { type BucketPolicy, standing } from './bucket.ts';
import type { Refused, Taken } from './rate-limiter.ts';

export interface Lease {
  /** Not handed out yet. */
  tokens: number;
  /** As it was drawn. */
  readonly size: number;
  readonly fromMs: number;
  readonly holdMs: number;
  /** The bucket's number when it was drawn. */
  readonly fullAtMs: number;
}

interface At {
  readonly policy: BucketPolicy;
  readonly nowMs: number;
}

/** Before its beginning the clock was set back, and nobody knows its age. */
export const isRunning = ({ fromMs, holdMs }: Lease, nowMs: number): boolean =>
  nowMs >= fromMs && nowMs - fromMs < holdMs;

export function fromLease({ tokens, fullAtMs }: Lease, { policy, nowMs }: At): Taken {
  const { remaining, nextTokenMs, fullInMs } = standing(policy, fullAtMs, nowMs);
  const all = remaining + tokens;
  return {
    allowed: true,
    takenAtMs: nowMs,
    delayMs: 0,
    remaining: Math.min(policy.capacity, all),
    nextTokenMs: all < policy.capacity ? nextTokenMs : 0,
    fullInMs,
  };
}

/** The bucket's refusal of what the lease lacked: held tokens shorten the wait only while they last. */
export function refusedBeside(
  lease: Lease | undefined,
  refused: Refused,
  { policy, nowMs }: At,
): Refused {
  if (!lease || lease.tokens === 0) return refused;
  const { tokens } = lease;
  const lasts = isRunning(lease, nowMs + refused.retryAfterMs);
  return {
    ...refused,
    remaining: Math.min(policy.capacity, refused.remaining + tokens),
    retryAfterMs: refused.retryAfterMs + (lasts ? 0 : tokens * policy.refillEveryMs),
  };
}
