/** The algorithms, each with a limit of the same size. */
import { fixedWindow } from '#shared/rate-limit/fixed-window.ts';
import { leakyBucket } from '#shared/rate-limit/leaky-bucket.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import type { RateLimiter } from '#shared/rate-limit/rate-limiter.ts';
import { slidingLog } from '#shared/rate-limit/sliding-log.ts';
import { slidingWindow } from '#shared/rate-limit/sliding-window.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';

export const capacity = 50;
export const windowMs = 5_000;
export const refillEveryMs = windowMs / capacity;
export const mostTokens = 5;

export interface Algorithm {
  readonly name: string;
  /** In one process for all environments, who then cannot differ. */
  readonly alone?: true;
  readonly make: (store: ItemReader & ItemWriter, now: () => number) => RateLimiter;
}

const window = { capacity, windowMs };
const bucket = { capacity, refillEveryMs };

export const algorithms: readonly Algorithm[] = [
  { name: 'sliding log', alone: true, make: (_, now) => slidingLog({ ...window, now }) },
  { name: 'token bucket', make: (store, now) => tokenBucket({ store, ...bucket, now }) },
  {
    name: 'leased tokens',
    make: (store, now) => leasedBucket({ store, ...bucket, mostTokens, now, random: () => 0.5 }),
  },
  {
    name: 'leaky bucket',
    make: (store, now) => leakyBucket({ store, capacity, leakEveryMs: refillEveryMs, now }),
  },
  { name: 'fixed window', make: (store, now) => fixedWindow({ store, ...window, now }) },
  { name: 'sliding window', make: (store, now) => slidingWindow({ store, ...window, now }) },
];
