import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakyBucket } from '#shared/rate-limit/leaky-bucket.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { type Clock, someBucket, startMs, steps } from './laws.ts';

function leakyAt(policy: { capacity: number; leakEveryMs: number }) {
  const clock: Clock = { nowMs: startMs };
  const store = memoryStore();
  const another = () => leakyBucket({ ...policy, store, now: () => clock.nowMs });
  return { clock, another };
}

describe('the leaky bucket', () => {
  it('gives each of a burst its turn, and refuses whom it cannot hold', async () => {
    const { clock, another } = leakyAt({ capacity: 3, leakEveryMs: 100 });
    const { take } = another();
    const heard = [];
    for (const afterMs of [0, 0, 0, 0, 50, 50, 1_000]) {
      clock.nowMs += afterMs;
      const answer = await take('key');
      heard.push(answer.allowed ? answer.delayMs : `in ${answer.retryAfterMs}`);
    }
    expect(heard).toEqual([0, 100, 200, 'in 100', 'in 50', 200, 0]);
  });

  it('lets a dear call keep the next one waiting for longer', async () => {
    const { take } = leakyAt({ capacity: 5, leakEveryMs: 100 }).another();
    expect(await take('key', { cost: 3 })).toMatchObject({ delayMs: 0 });
    expect(await take('key')).toMatchObject({ delayMs: 300, remaining: 1 });
  });

  it(
    'keeps turns apart by what they cost, whoever asked, and none later than its capacity',
    { timeout: 60_000 },
    () =>
      fc.assert(
        fc.asyncProperty(someBucket, steps(2, 20), async ({ capacity, refillEveryMs }, walk) => {
          const { clock, another } = leakyAt({ capacity, leakEveryMs: refillEveryMs });
          const limiters = [another(), another()];
          let freeAtMs = startMs;
          for (const { afterMs, cost, by } of walk) {
            clock.nowMs += afterMs;
            const answer = await limiters[by]?.take('key', { cost });
            if (!answer?.allowed) continue;
            const turnAtMs = clock.nowMs + answer.delayMs;
            // At once if nobody is before it, and else exactly when the one before is done.
            expect(turnAtMs).toBe(Math.max(freeAtMs, clock.nowMs));
            expect(answer.delayMs).toBeLessThanOrEqual((capacity - cost) * refillEveryMs);
            freeAtMs = turnAtMs + cost * refillEveryMs;
          }
        }),
        { numRuns: 3_000 },
      ),
  );
});
