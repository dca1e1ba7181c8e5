/** A stage brought to rest: no intake, and what was accepted is worked off. */
import { setTimeout as wait } from 'node:timers/promises';
import { bucketAt, readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { inNoLedger } from '#shared/outbox/unledgered.ts';
import { itemsOfBucket } from '#shared/outbox/whole-bucket.ts';
import type { RangeReader } from '#shared/state/store.ts';

/** What is left, by where it waits. */
export type Left = Readonly<Record<string, number>>;

export const sumOf = (left: Left): number => Object.values(left).reduce((a, b) => a + b, 0);

/** In an older bucket nothing new is written: an event is stored when it occurs. */
const recentBuckets = 13;

/** Buckets that are read at the same time. */
const together = 4;

export interface OutboxLookOptions {
  readonly store: RangeReader;
  /** How far back: as long as events are kept. */
  readonly horizonMs: number;
  /** Called as a look goes on: the first one takes a while. */
  readonly onRead?: (buckets: number, of: number) => void;
  readonly now?: () => number;
}

/**
 * Counts the events that are in no ledger yet: the relay has them, or the sweeper will. The first
 * look is at all that is kept; those after it leave out the old buckets in which nothing waited.
 */
export function outboxLook({
  store,
  horizonMs,
  onRead = () => {},
  now = Date.now,
}: OutboxLookOptions): () => Promise<number> {
  const settled = new Set<number>();
  return async () => {
    const nowMs = now();
    const [oldest, current] = [bucketAt(nowMs - horizonMs), bucketAt(nowMs)];
    const buckets = Array.from({ length: current - oldest + 1 }, (_, i) => current - i).filter(
      (bucket) => !settled.has(bucket),
    );
    let depth = 0;
    for (let i = 0; i < buckets.length; i += together) {
      const depths = buckets.slice(i, i + together).map(async (bucket) => {
        const waiting = await bucketDepth(store, bucket, nowMs);
        if (waiting === 0 && bucket <= current - recentBuckets) settled.add(bucket);
        return waiting;
      });
      depth += (await Promise.all(depths)).reduce((a, b) => a + b, 0);
      onRead(Math.min(i + together, buckets.length), buckets.length);
    }
    return depth;
  };
}

/** Also those that a sweeper has in hand: it may die with them. */
const bucketDepth = async (store: RangeReader, bucket: number, nowMs: number): Promise<number> =>
  inNoLedger(await itemsOfBucket(store, 'outbox', bucket)).filter(
    (item) => (readPendingEvent(item)?.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs,
  ).length;

export interface RestOptions {
  readonly look: () => Promise<Left>;
  readonly withinMs: number;
  readonly onLook?: (left: Left) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** So many looks in a row must find nothing: between two places a message is in neither. */
export const quietLooks = 3;
const lookEveryMs = 1_000;

export interface Rest {
  /** At the last look. */
  readonly left: Left;
  /** Looks in a row, the last one included, that found nothing. */
  readonly quiet: number;
  /** There were enough of those. */
  readonly atRest: boolean;
}

/** Waits for rest, or until the time is up. */
export async function waitForRest({
  look,
  withinMs,
  onLook = () => {},
  now = Date.now,
  sleep = wait,
}: RestOptions): Promise<Rest> {
  const deadlineMs = now() + withinMs;
  for (let quiet = 0; ; ) {
    const left = await look();
    onLook(left);
    quiet = sumOf(left) === 0 ? quiet + 1 : 0;
    const atRest = quiet === quietLooks;
    if (atRest || now() >= deadlineMs) return { left, quiet, atRest };
    await sleep(lookEveryMs);
  }
}
