/** What a sweeper has to do: which buckets to look into, and which of their items are forgotten. */
import type { Item } from '../state/items.ts';
import {
  bucketAt,
  bucketMs,
  eventsOfLedger,
  isLedger,
  nameOf,
  readPendingEvent,
} from './outbox-items.ts';

export interface SweepPlan {
  readonly nowMs: number;
  /** Time between runs, in milliseconds. */
  readonly everyMs: number;
  /** Buckets that each run looks into: the current one and those before it. From 1. */
  readonly recentBuckets: number;
  /** An older bucket is looked into once in so many runs. From 1. */
  readonly olderEveryRuns: number;
  /** How far back, in milliseconds: as long as events are kept. */
  readonly horizonMs: number;
}

/**
 * The buckets of this run, oldest first. Recent ones are looked into every time. The older ones take
 * turns by their number, so that each has its turn although no run knows of another.
 */
export function bucketsToSweep({
  nowMs,
  everyMs,
  recentBuckets,
  olderEveryRuns,
  horizonMs,
}: SweepPlan): readonly number[] {
  const current = bucketAt(nowMs);
  const oldest = current - Math.ceil(horizonMs / bucketMs);
  const turn = Math.floor(nowMs / everyMs) % olderEveryRuns;
  return Array.from({ length: current - oldest + 1 }, (_, i) => oldest + i).filter(
    (bucket) => bucket > current - recentBuckets || bucket % olderEveryRuns === turn,
  );
}

/** The items of one bucket that no ledger names, ledgers apart. */
export function inNoLedger(items: readonly Item[]): readonly Item[] {
  const settled = new Set(items.flatMap(eventsOfLedger));
  return items.filter((item) => !isLedger(item) && !settled.has(nameOf(item)));
}

/**
 * The items of one bucket that nobody handed on: in no ledger, older than `sweepAfterMs` (until then
 * they are the relay's), neither in another sweeper's hand nor expired. Unreadable ones have no age:
 * they are due at once. Sorted by id, and so by time.
 */
export function unledgered(
  items: readonly Item[],
  nowMs: number,
  sweepAfterMs: number,
): readonly Item[] {
  const forgotten = inNoLedger(items).filter((item) => {
    const pending = readPendingEvent(item);
    if (!pending) return true;
    return (
      pending.event.occurredAtMs <= nowMs - sweepAfterMs &&
      pending.claimedUntilMs < nowMs &&
      pending.expiresAtMs > nowMs
    );
  });
  return forgotten.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
