/** Every limiter of shared/rate-limit, made alike, and the law that it keeps. */
import type { BucketPolicy } from '#shared/rate-limit/bucket.ts';
import { fixedWindow } from '#shared/rate-limit/fixed-window.ts';
import { leakyBucket } from '#shared/rate-limit/leaky-bucket.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import type { RateLimiter } from '#shared/rate-limit/rate-limiter.ts';
import { slidingLog } from '#shared/rate-limit/sliding-log.ts';
import { slidingWindow } from '#shared/rate-limit/sliding-window.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';

export interface Setting extends BucketPolicy {
  readonly store: ItemReader & ItemWriter;
  readonly now: () => number;
  readonly name?: string;
}

interface Row {
  readonly make: (setting: Setting) => RateLimiter;
  /** Most that may come in within a stretch of time, however many environments there are. */
  readonly most: (policy: BucketPolicy) => (lengthMs: number) => number;
  /** It is one for all who share its store. */
  readonly isShared: boolean;
}

/** As many tokens as a bucket holds, in the time that it takes to fill up. */
const windowOf = ({ capacity, refillEveryMs }: BucketPolicy) => ({
  capacity,
  windowMs: capacity * refillEveryMs,
});

const bucketsMost: Row['most'] =
  ({ capacity, refillEveryMs }) =>
  (lengthMs) =>
    capacity + lengthMs / refillEveryMs;

/** Of each environment, in the tests of leased buckets. */
export const leaseOf = (capacity: number): number => Math.ceil(capacity / 2);
const environments = 2;

export const everyLimiter = {
  'token bucket': { make: tokenBucket, most: bucketsMost, isShared: true },
  'leased bucket': {
    make: (setting) =>
      leasedBucket({ ...setting, mostTokens: leaseOf(setting.capacity), holdMs: 60 }),
    most: (policy) => (lengthMs) =>
      bucketsMost(policy)(lengthMs) + environments * leaseOf(policy.capacity),
    isShared: true,
  },
  'memory bucket': { make: memoryBucket, most: bucketsMost, isShared: false },
  'leaky bucket': {
    make: ({ refillEveryMs, ...setting }) =>
      leakyBucket({ ...setting, leakEveryMs: refillEveryMs }),
    most: bucketsMost,
    isShared: true,
  },
  'fixed window': {
    make: (setting) => fixedWindow({ ...setting, ...windowOf(setting) }),
    most: (policy) => (lengthMs) =>
      policy.capacity * (1 + Math.ceil(lengthMs / windowOf(policy).windowMs)),
    isShared: true,
  },
  'sliding window': {
    make: (setting) => slidingWindow({ ...setting, ...windowOf(setting) }),
    most: bucketsMost,
    isShared: true,
  },
  'sliding log': {
    make: (setting) => slidingLog({ ...setting, ...windowOf(setting) }),
    most: (policy) => (lengthMs) =>
      policy.capacity * (1 + Math.floor(lengthMs / windowOf(policy).windowMs)),
    isShared: false,
  },
} satisfies Readonly<Record<string, Row>>;

export type LimiterName = keyof typeof everyLimiter;

export const limiterNames = Object.keys(everyLimiter) as LimiterName[];
export const sharedNames = limiterNames.filter((name) => everyLimiter[name].isShared);
