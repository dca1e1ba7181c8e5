/** Tokens that one environment holds of one key for a while, and what it answers of them. */
import { type BucketPolicy, standing } from './bucket.ts';
import type { Pause } from './pauses.ts';
import type { Refused, Standing, Taken } from './rate-limiter.ts';

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
  /** Absent: the bucket may be asked. */
  readonly pause: Pause | undefined;
}

/** Before its beginning the clock was set back, and nobody knows its age. */
export const isRunning = ({ fromMs, holdMs }: Lease, nowMs: number): boolean =>
  nowMs >= fromMs && nowMs - fromMs < holdMs;

export const fromLease = ({ tokens, fullAtMs }: Lease, at: At): Taken => ({
  allowed: true,
  takenAtMs: at.nowMs,
  delayMs: 0,
  ...beside(tokens, standing(at.policy, fullAtMs, at.nowMs), at),
});

/** The bucket's refusal of what the lease lacked: held tokens shorten the wait only while they last. */
export function refusedBeside(
  lease: Lease | undefined,
  refused: Refused,
  at: At & { readonly cost: number },
): Refused {
  const { policy, nowMs, pause, cost } = at;
  const tokens = lease?.tokens ?? 0;
  /** When so many tokens of the bucket can be had that come back in so long. */
  const askedInMs = (needed: number, backInMs: number): number =>
    Math.max(0, backInMs, pause && needed >= pause.fromTokens ? pause.untilMs - nowMs : 0);
  const withLeaseMs = askedInMs(cost - tokens, refused.retryAfterMs);
  const lasts = !lease || tokens === 0 || isRunning(lease, nowMs + withLeaseMs);
  return {
    allowed: false,
    retryAfterMs: lasts
      ? withLeaseMs
      : askedInMs(cost, refused.retryAfterMs + tokens * policy.refillEveryMs),
    ...beside(tokens, refused, at),
  };
}

/** Of the bucket counts what may be asked for: less than what the pause is for. */
function beside(
  tokens: number,
  { remaining, nextTokenMs, fullInMs }: Standing,
  { policy, nowMs, pause }: At,
): Standing {
  const most = pause ? pause.fromTokens - 1 : Infinity;
  const pauseMs = pause ? pause.untilMs - nowMs : 0;
  const all = Math.min(remaining, most) + tokens;
  const nextMs = remaining >= most ? Math.max(nextTokenMs, pauseMs) : nextTokenMs;
  return {
    remaining: Math.min(policy.capacity, all),
    nextTokenMs: all < policy.capacity ? nextMs : 0,
    fullInMs: Math.max(fullInMs, pauseMs),
  };
}
