/**
 * Fixed window: `capacity` tokens in each window, one conditional addition a take. The simplest, for
 * quotas that people count (a thousand a day). Its fault is the edge: who takes all at the end of one
 * window and all at the beginning of the next has twice the capacity in an instant.
 *
 * Windows begin at multiples of `windowMs` since 1970 (UTC), by the clock of whoever asks: clocks that
 * differ count in two windows at once while they do, each window holds its capacity all the same.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { ItemWriter } from '../state/store.ts';
import { boundedMap } from './bounded-map.ts';
import { assertLimitName, limitAddress } from './limit-address.ts';
import type { RateLimiter, Standing, Take } from './rate-limiter.ts';
import { assertWindow, type WindowPolicy, windowAt } from './window.ts';
import { countWrite, readUsed } from './window-item.ts';

export interface FixedWindowOptions extends WindowPolicy {
  readonly store: ItemWriter;
  /** The role of the table. Default `state`. */
  readonly table?: string;
  /** Parts the keys of one limit from those of others: letters, digits and `-`. Default `fixed-window`. */
  readonly name?: string;
  /** Keys that an environment remembers, to refuse without asking. Default 10,000. */
  readonly maxKeys?: number;
  /** Whole milliseconds. */
  readonly now?: () => number;
}

/** @throws RangeError for an option that makes no sense. */
export function fixedWindow({
  store,
  table = 'state',
  name = 'fixed-window',
  maxKeys = 10_000,
  now = Date.now,
  ...policy
}: FixedWindowOptions): RateLimiter {
  assertWindow(policy);
  assertWhole({ maxKeys }, 1);
  assertLimitName(name);
  const { capacity, windowMs } = policy;
  /** Counts of windows only grow, so the largest that was seen is the newest. */
  const seen = boundedMap<{ readonly windowAtMs: number; readonly used: number }>(maxKeys);

  function answer(allowed: boolean, used: number, cost: number, nowMs: number): Take {
    const endsInMs = windowAt(policy, nowMs) + windowMs - nowMs;
    const missingForMs = used > 0 ? endsInMs : 0;
    const standing: Standing = {
      remaining: Math.max(0, capacity - used),
      nextTokenMs: missingForMs,
      fullInMs: missingForMs,
    };
    return allowed
      ? { allowed, takenAtMs: nowMs, delayMs: 0, ...standing }
      : { allowed, retryAfterMs: cost > capacity ? Infinity : endsInMs, ...standing };
  }

  return {
    quota: { tokens: capacity, windowMs },
    async take(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      const nowMs = now();
      const windowAtMs = windowAt(policy, nowMs);
      const last = seen.get(key);
      const known = last?.windowAtMs === windowAtMs ? last.used : 0;
      if (known + cost > capacity) return answer(false, known, cost, nowMs);
      const at = limitAddress('fixed-window', { table, name }, { key, windowAtMs });
      const count = { at, windowAtMs, cost, most: capacity };
      const { applied, item } = await store.write(countWrite(policy, count), { returnItem: true });
      const used = readUsed(item);
      const newest = seen.get(key);
      if (newest?.windowAtMs !== windowAtMs || newest.used < used)
        seen.set(key, { windowAtMs, used });
      return answer(applied, used, cost, nowMs);
    },
  };
}
