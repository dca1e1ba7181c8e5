/**
 * Sliding window counter: `capacity` tokens in about the last `windowMs`, counted in two windows, this
 * one and a share of the one before. No edge to wait for, and still one addition a take: the count of the
 * window before is read once per key, window and environment (strongly consistent: it is over, and
 * does not change any more).
 *
 * It does change for clocks that are behind, which still count in it: what they take after it was read
 * is not seen, at most as long as the clocks differ. The share is an estimate: in any stretch of `windowMs` at most
 * twice the capacity gets in, like in a token bucket of this size.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { ItemReader, ItemWriter } from '../state/store.ts';
import { boundedMap } from './bounded-map.ts';
import { assertLimitName, limitAddress } from './limit-address.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type Counts, fitsAtMs, refusalOf, standingOf, weightOf } from './sliding-counter.ts';
import { assertWindow, type WindowPolicy, windowAt } from './window.ts';
import { countWrite, readUsed } from './window-item.ts';

export interface SlidingWindowOptions extends WindowPolicy {
  readonly store: ItemReader & ItemWriter;
  /** The role of the table. Default `state`. */
  readonly table?: string;
  /** Parts the keys of one limit from those of others: letters, digits and `-`. Default `sliding-window`. */
  readonly name?: string;
  /** Keys that an environment remembers; a forgotten one costs a read. Default 10,000. */
  readonly maxKeys?: number;
  /** Whole milliseconds. */
  readonly now?: () => number;
}

/** @throws RangeError for an option that makes no sense. */
export function slidingWindow({
  store,
  table = 'state',
  name = 'sliding-window',
  maxKeys = 10_000,
  now = Date.now,
  ...policy
}: SlidingWindowOptions): RateLimiter {
  assertWindow(policy);
  assertWhole({ maxKeys }, 1);
  assertLimitName(name);
  const { capacity, windowMs } = policy;
  const seen = boundedMap<Counts>(maxKeys);

  const addressOf = (key: string, windowAtMs: number) =>
    limitAddress('sliding-window', { table, name }, { key, windowAtMs });

  const countsOf = (key: string, windowAtMs: number): Counts | undefined => {
    const last = seen.get(key);
    return last?.windowAtMs === windowAtMs ? last : undefined;
  };

  /** As far as memory knows, for an answer that asks nobody. */
  const guessOf = (key: string, windowAtMs: number): Counts =>
    countsOf(key, windowAtMs) ?? {
      windowAtMs,
      before: countsOf(key, windowAtMs - windowMs)?.used ?? 0,
      used: 0,
    };

  /** Counts of one window only grow, so the largest that was seen is the newest. */
  function learn(key: string, counts: Counts): void {
    const last = countsOf(key, counts.windowAtMs);
    if (!last || last.used < counts.used) seen.set(key, counts);
  }

  async function lookBack(key: string, windowAtMs: number): Promise<Counts> {
    const item = await store.read(addressOf(key, windowAtMs - windowMs));
    const counts = { windowAtMs, before: readUsed(item), used: 0 };
    learn(key, counts);
    return counts;
  }

  return {
    quota: { tokens: capacity, windowMs },
    async take(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      const nowMs = now();
      const asked = { nowMs, cost };
      const windowAtMs = windowAt(policy, nowMs);
      if (cost > capacity) return refusalOf(policy, guessOf(key, windowAtMs), asked);
      const last = countsOf(key, windowAtMs) ?? (await lookBack(key, windowAtMs));
      if (fitsAtMs(policy, last, asked) > nowMs) return refusalOf(policy, last, asked);
      const most = capacity - weightOf(policy, last, nowMs);
      const count = { at: addressOf(key, windowAtMs), windowAtMs, cost, most };
      const { applied, item } = await store.write(countWrite(policy, count), { returnItem: true });
      const counts = { ...last, used: readUsed(item) };
      learn(key, counts);
      return applied
        ? { allowed: true, takenAtMs: nowMs, delayMs: 0, ...standingOf(policy, counts, nowMs) }
        : refusalOf(policy, counts, asked);
    },
  };
}
