/** The bucket's arithmetic and its two writes, against a bucket that counts tokens: 200,000 cases. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BucketPolicy,
  fillMs,
  fits,
  refundMs,
  refusal,
  standing,
} from '#shared/rate-limit/bucket.ts';
import { busyTake, idleTake, readBucket, refundWrite } from '#shared/rate-limit/bucket-item.ts';
import { applied, conditionOf, holds, type Item, type Write } from '#shared/state/items.ts';
import { type Admitted, burstAndRefill, overAdmitted, someBucket, startMs, steps } from './laws.ts';

const at = { table: 'state', key: { pk: 'key' } };

/** The item of one bucket, and the two writes that try it, without a store around it. */
function itemOf(policy: BucketPolicy) {
  let item: Item | undefined;
  const write = (what: Write): boolean => {
    const condition = conditionOf(what);
    if (condition && !holds(condition, item)) return false;
    item = applied(what, item);
    return true;
  };
  return {
    fullAtMs: () => readBucket(item).fullAtMs,
    /** How many of the two went through: never both. */
    takes(nowMs: number, cost: number): number {
      if (cost > policy.capacity) return 0; // no limiter writes it
      const asked = { at, nowMs, cost };
      const before = item;
      const both = [busyTake(policy, asked), idleTake(policy, asked)].map((one) => {
        item = before;
        return write(one) ? item : undefined;
      });
      item = both.find((one) => one !== undefined) ?? before;
      return both.filter((one) => one !== undefined).length;
    },
    giveBack: (nowMs: number, backMs: number) => write(refundWrite(backMs, { at, nowMs })),
  };
}

/** A bucket as everybody thinks of it: a level, in milliseconds of refill, that rises with time. */
function levelOf(policy: BucketPolicy) {
  const full = fillMs(policy);
  let level = full;
  let lastMs = startMs;
  const rise = (nowMs: number) => {
    level = Math.min(full, level + nowMs - lastMs);
    lastMs = nowMs;
  };
  return {
    takes(nowMs: number, cost: number): boolean {
      rise(nowMs);
      const needed = cost * policy.refillEveryMs;
      if (needed > level) return false;
      level -= needed;
      return true;
    },
    remaining(nowMs: number): number {
      rise(nowMs);
      return Math.floor(level / policy.refillEveryMs);
    },
    missingMs: () => full - level,
  };
}

const timeoutMs = 60_000;

describe('the bucket', () => {
  it('admits what a bucket of tokens admits, and says what remains of it', {
    timeout: timeoutMs,
  }, () => {
    fc.assert(
      fc.property(someBucket, steps(1), (policy, walk) => {
        const [bucket, level] = [itemOf(policy), levelOf(policy)];
        let nowMs = startMs;
        for (const { afterMs, cost } of walk) {
          nowMs += afterMs;
          const fitted = fits(policy, bucket.fullAtMs(), { nowMs, cost });
          const took = bucket.takes(nowMs, cost);
          if (took !== Number(level.takes(nowMs, cost)) || took !== Number(fitted)) return false;
          const { remaining, fullInMs, nextTokenMs } = standing(policy, bucket.fullAtMs(), nowMs);
          const soon = standing(policy, bucket.fullAtMs(), nowMs + nextTokenMs).remaining;
          const before = standing(policy, bucket.fullAtMs(), nowMs + nextTokenMs - 1).remaining;
          if (remaining !== level.remaining(nowMs) || fullInMs !== level.missingMs()) return false;
          if (
            nextTokenMs === 0
              ? remaining < policy.capacity
              : soon !== remaining + 1 || before !== remaining
          )
            return false;
        }
        return true;
      }),
      { numRuns: 60_000 },
    );
  });

  it('admits in no stretch of time more than its capacity and what came back', {
    timeout: timeoutMs,
  }, () => {
    fc.assert(
      fc.property(someBucket, steps(1), (policy, walk) => {
        const bucket = itemOf(policy);
        const admitted: Admitted[] = [];
        let atMs = startMs;
        for (const { afterMs, cost } of walk) {
          atMs += afterMs;
          if (bucket.takes(atMs, cost) === 1) admitted.push({ atMs, cost });
        }
        return overAdmitted(admitted, burstAndRefill(policy)) === undefined;
      }),
      { numRuns: 50_000 },
    );
  });

  it('says of each refusal to the millisecond when it is over', { timeout: timeoutMs }, () => {
    fc.assert(
      fc.property(someBucket, steps(1), (policy, walk) => {
        const bucket = itemOf(policy);
        let nowMs = startMs;
        for (const { afterMs, cost } of walk) {
          nowMs += afterMs;
          if (bucket.takes(nowMs, cost) === 1) continue;
          const { retryAfterMs } = refusal(policy, bucket.fullAtMs(), { nowMs, cost });
          if (cost > policy.capacity) {
            if (retryAfterMs !== Infinity) return false;
            continue;
          }
          if (retryAfterMs < 1 || bucket.takes(nowMs + retryAfterMs - 1, cost) > 0) return false;
          nowMs += retryAfterMs;
          if (bucket.takes(nowMs, cost) !== 1) return false;
        }
        return true;
      }),
      { numRuns: 50_000 },
    );
  });

  it('admits after refunds nothing that it would not have admitted without what was refunded', {
    timeout: timeoutMs,
  }, () => {
    fc.assert(
      fc.property(someBucket, steps(2), fc.nat(), (policy, walk, seed) => {
        const bucket = itemOf(policy);
        const taken: (Admitted & { refunded: boolean })[] = [];
        let nowMs = startMs;
        for (const [nth, { afterMs, cost, by }] of walk.entries()) {
          nowMs += afterMs;
          const open = taken.filter(({ refunded }) => !refunded);
          const chosen = open[(seed + nth) % Math.max(1, open.length)];
          if (by === 1 && chosen) {
            const backMs = refundMs(policy, chosen.cost, nowMs - chosen.atMs);
            if (backMs > 0) bucket.giveBack(nowMs, backMs);
            chosen.refunded = true;
          } else if (bucket.takes(nowMs, cost) === 1)
            taken.push({ atMs: nowMs, cost, refunded: false });
        }
        const reference = levelOf(policy);
        return taken
          .filter(({ refunded }) => !refunded)
          .every(({ atMs, cost }) => reference.takes(atMs, cost));
      }),
      { numRuns: 50_000 },
    );
  });

  it('takes a refund of the whole cost for more than it is', () => {
    const policy = { capacity: 2, refillEveryMs: 100 };
    const bucket = itemOf(policy);
    bucket.takes(startMs, 1);
    // Half of it has come back by itself.
    bucket.takes(startMs + 50, 1);
    bucket.giveBack(startMs + 50, refundMs(policy, 1, 50));
    expect(bucket.fullAtMs()).toBe(startMs + 50 + 100);
  });
});
