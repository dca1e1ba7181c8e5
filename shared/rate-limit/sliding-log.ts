/**
 * Sliding log: every take of the last `windowMs` is kept, so that never, in no stretch of that length,
 * more than `capacity` get in. Exact, in one process, and the dearest: memory for each take. It is what
 * the others are measured against, and right for small limits that must not be exceeded at all.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import { boundedMap } from './bounded-map.ts';
import type { RateLimiter, Standing } from './rate-limiter.ts';
import { assertWindow, type WindowPolicy } from './window.ts';

export interface SlidingLogOptions extends WindowPolicy {
  /** Keys whose logs are kept, each of up to `capacity` entries. Default 10,000. Beyond it the key that took
   *  nothing for longest is forgotten, and begins anew. */
  readonly maxKeys?: number;
  /** Whole milliseconds. */
  readonly now?: () => number;
}

interface Entry {
  readonly atMs: number;
  readonly cost: number;
}

/** @throws RangeError for an option that makes no sense. */
export function slidingLog({
  maxKeys = 10_000,
  now = Date.now,
  ...policy
}: SlidingLogOptions): RateLimiter {
  assertWindow(policy);
  assertWhole({ maxKeys }, 1);
  const { capacity, windowMs } = policy;
  const logs = boundedMap<readonly Entry[]>(maxKeys);

  /** How long until so many more tokens are free, by the entries that leave the window first. */
  function freeInMs(log: readonly Entry[], tokens: number, nowMs: number): number {
    let freed = 0;
    for (const { atMs, cost } of log) {
      freed += cost;
      if (freed >= tokens) return atMs + windowMs - nowMs;
    }
    return 0;
  }

  function standing(log: readonly Entry[], remaining: number, nowMs: number): Standing {
    const [newest] = log.slice(-1);
    return {
      remaining,
      nextTokenMs: freeInMs(log, 1, nowMs),
      fullInMs: newest ? newest.atMs + windowMs - nowMs : 0,
    };
  }

  return {
    quota: { tokens: capacity, windowMs },
    async take(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      const nowMs = now();
      const all = logs.get(key) ?? [];
      const log = all.filter(({ atMs }) => atMs > nowMs - windowMs);
      const remaining = capacity - log.reduce((sum, entry) => sum + entry.cost, 0);
      if (cost > remaining) {
        const retryAfterMs = cost > capacity ? Infinity : freeInMs(log, cost - remaining, nowMs);
        return { allowed: false, retryAfterMs, ...standing(log, remaining, nowMs) };
      }
      // A clock that was set back adds behind the newest: the log stays in order.
      const atMs = Math.max(nowMs, log.at(-1)?.atMs ?? nowMs);
      const added = [...log, { atMs, cost }];
      logs.set(key, added);
      return {
        allowed: true,
        takenAtMs: nowMs,
        delayMs: 0,
        ...standing(added, remaining - cost, nowMs),
      };
    },
  };
}
