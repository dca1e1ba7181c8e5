/** Time that passes only when a run says so. */
import type { Deadline } from '#shared/deadline/deadline.ts';

export const startMs = Date.UTC(2026, 0, 1, 12);

export interface Clock {
  nowMs: number;
}

/** A deadline that counts from `startedAtMs`, or stands still as long as there is none. */
export const virtualDeadline = (
  clock: Clock,
  inMs: number,
  start: { readonly atMs: number | undefined },
): Deadline => ({
  remainingMs: () => Math.max(0, (start.atMs ?? clock.nowMs) + inMs - clock.nowMs),
  signal: new AbortController().signal,
});
