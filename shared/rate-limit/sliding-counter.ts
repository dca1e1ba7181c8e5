/**
 * The arithmetic of the sliding window: what was taken in the window before counts by the share of it
 * that still lies within the last `windowMs`, as if it had been taken evenly. Rounded up: never in
 * the caller's favour.
 */
import type { Refused, Standing } from './rate-limiter.ts';
import type { WindowPolicy } from './window.ts';

export interface Counts {
  readonly windowAtMs: number;
  /** Taken in the window before. */
  readonly before: number;
  /** Taken in this one. */
  readonly used: number;
}

/** What the window before still counts for. */
export const weightOf = (
  { windowMs }: WindowPolicy,
  { windowAtMs, before }: Counts,
  nowMs: number,
): number => Math.ceil((before * (windowAtMs + windowMs - nowMs)) / windowMs);

/** The first instant at which the cost fits, if nobody takes anything before. */
export function fitsAtMs(
  { capacity, windowMs }: WindowPolicy,
  { windowAtMs, before, used }: Counts,
  { nowMs, cost }: { readonly nowMs: number; readonly cost: number },
): number {
  if (cost > capacity) return Infinity;
  const endMs = windowAtMs + windowMs;
  const room = capacity - used - cost;
  if (room >= before) return nowMs;
  if (room >= 0) return Math.max(nowMs, endMs - Math.floor((room * windowMs) / before));
  // Only in the next window, in which this one is the one before.
  const nextRoom = capacity - cost;
  return Math.max(endMs, endMs + windowMs - Math.floor((nextRoom * windowMs) / used));
}

export function standingOf(policy: WindowPolicy, counts: Counts, nowMs: number): Standing {
  const { capacity, windowMs } = policy;
  const { windowAtMs, before, used } = counts;
  const remaining = Math.max(0, capacity - used - weightOf(policy, counts, nowMs));
  const windowsToGo = used > 0 ? 2 : before > 0 ? 1 : 0;
  return {
    remaining,
    nextTokenMs:
      remaining === capacity ? 0 : fitsAtMs(policy, counts, { nowMs, cost: remaining + 1 }) - nowMs,
    fullInMs: windowsToGo === 0 ? 0 : windowAtMs + windowsToGo * windowMs - nowMs,
  };
}

export const refusalOf = (
  policy: WindowPolicy,
  counts: Counts,
  asked: { readonly nowMs: number; readonly cost: number },
): Refused => ({
  allowed: false,
  retryAfterMs: fitsAtMs(policy, counts, asked) - asked.nowMs,
  ...standingOf(policy, counts, asked.nowMs),
});
