/** Tells of numbers that no clock near ours can have left. */
import { nowAndThen } from '../telemetry/now-and-then.ts';
import type { Listener } from '../telemetry/resilience-event.ts';

export interface ClockWatchOptions {
  /** The limit's name. */
  readonly subject: string;
  /** Of an empty bucket. */
  readonly fillMs: number;
  readonly listen: Listener;
  readonly now: () => number;
}

/** Clocks of one region differ by far less. */
const toleratedMs = 5_000;
const tellEveryMs = 60_000;

/** A bucket that is full later than an empty one will be: its last taker's clock is ahead, or ours is
 *  behind. Every key of the limit may be hit, so one a minute is told. */
export function clockWatch({ subject, fillMs, listen, now }: ClockWatchOptions) {
  const isTimeToTell = nowAndThen(tellEveryMs, now);
  return (fullAtMs: number, nowMs: number): void => {
    const aheadMs = fullAtMs - fillMs - nowMs;
    if (aheadMs <= toleratedMs || !isTimeToTell()) return;
    const facts = { aheadMs };
    listen({ pattern: 'rate-limit', happened: 'clock-ahead', subject, severity: 'error', facts });
  };
}
