/** The bucket's item, and the only code that knows it. */
import { type Address, type Item, toTtl, type Write } from '../state/items.ts';
import { type BucketPolicy, fillMs, roomUntilMs } from './bucket.ts';

interface Asked {
  readonly at: Address;
  readonly nowMs: number;
  /** At most the capacity: a full bucket is asked for it unseen. */
  readonly cost: number;
}

export interface BucketState {
  readonly fullAtMs: number;
  /** Writes since the item was made: tells which of two states is the newer. */
  readonly writes: number;
}

/** A bucket that was never used has always been full. */
const neverUsed: BucketState = { fullAtMs: 0, writes: 0 };

export function readBucket(item: Item | undefined): BucketState {
  if (!item) return neverUsed;
  const { fullAtMs, writes } = item;
  if (typeof fullAtMs !== 'number' || typeof writes !== 'number')
    throw new TypeError('a bucket without its numbers');
  return { fullAtMs, writes };
}

/**
 * Of a bucket in use. Together with `idleTake` it is the whole of a take: DynamoDB has no maximum,
 * and no arithmetic in conditions, so each half names its own bounds, and no bucket meets both.
 */
export const busyTake = (policy: BucketPolicy, { at, nowMs, cost }: Asked): Write => ({
  add: { fullAtMs: cost * policy.refillEveryMs, writes: 1 },
  set: kept(policy, nowMs),
  at,
  when: {
    where: { fullAtMs: { atLeast: nowMs + 1, below: roomUntilMs(policy, nowMs, cost) + 1 } },
  },
});

/** Of a bucket that is full, or that there is none of yet. */
export const idleTake = (policy: BucketPolicy, { at, nowMs, cost }: Asked): Write => ({
  set: { fullAtMs: nowMs + cost * policy.refillEveryMs, ...kept(policy, nowMs) },
  add: { writes: 1 },
  at,
  when: { absentOr: { fullAtMs: { below: nowMs + 1 } } },
});

/** Of a bucket that is still in use: one that is full lacks nothing. */
export const refundWrite = (backMs: number, { at, nowMs }: Omit<Asked, 'cost'>): Write => ({
  add: { fullAtMs: -backMs, writes: 1 },
  at,
  when: { where: { fullAtMs: { atLeast: nowMs + 1 } } },
});

/** Beyond the time in which a bucket fills up: a call that is still under way when the store deletes
 *  it, or whose clock is behind, must not find a full one. */
const marginMs = 60_000;

/** Longer than any bucket of the policy takes to fill up: from then on absence says the same. */
function kept(policy: BucketPolicy, nowMs: number): Item {
  const expiresAtMs = nowMs + fillMs(policy) + marginMs;
  return { expiresAtMs, ttl: toTtl(expiresAtMs) };
}
