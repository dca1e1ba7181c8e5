import { describe, expect, it } from 'vitest';
import { type MemoryBucketOptions, memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { type Clock, startMs } from './laws.ts';

function bucketAt(options: Partial<MemoryBucketOptions> = {}) {
  const clock: Clock = { nowMs: startMs };
  const policy = { capacity: 5, refillEveryMs: 1_000, now: () => clock.nowMs, ...options };
  return { clock, policy, limiter: memoryBucket(policy) };
}

describe('the memory bucket', () => {
  it('answers what a bucket in a store answers', async () => {
    const { clock, policy, limiter } = bucketAt();
    const stored = tokenBucket({ ...policy, store: memoryStore() });
    for (const [afterMs, cost] of [
      [0, 2],
      [700, 3],
      [1, 1],
      [800, 1],
      [9_000, 5],
      [0, 6],
      [-500, 1],
    ] as const) {
      clock.nowMs += afterMs;
      const foreseen = limiter.foresee('key', { cost });
      const take = await limiter.take('key', { cost });
      expect(take).toEqual(await stored.take('key', { cost }));
      expect(foreseen).toEqual(take.allowed ? undefined : take);
      if (!take.allowed) continue;
      clock.nowMs += 300;
      const given = { cost: 1, takenAtMs: take.takenAtMs };
      await Promise.all([limiter.giveBack('key', given), stored.giveBack('key', given)]);
    }
  });

  it('takes nothing back that came back by itself', async () => {
    const { clock, limiter } = bucketAt();
    await limiter.take('key', { cost: 5 });
    clock.nowMs += 1_500;
    await limiter.giveBack('key', { cost: 1, takenAtMs: startMs });
    expect(await limiter.take('key', { cost: 2 })).toMatchObject({ allowed: false, remaining: 1 });
    await expect(limiter.giveBack('key', { cost: 6, takenAtMs: startMs })).rejects.toThrow(
      RangeError,
    );
  });

  it('forgets a bucket that is full before any other', async () => {
    const { clock, limiter } = bucketAt({ maxKeys: 3 });
    await limiter.take('empty', { cost: 5 });
    await limiter.take('full-by-then');
    await limiter.take('nearly-empty', { cost: 4 });
    clock.nowMs += 1_000;
    await limiter.take('new');
    expect(limiter.foresee('empty', { cost: 2 })).toBeDefined();
    expect(limiter.foresee('nearly-empty', { cost: 3 })).toBeDefined();
    expect(limiter.foresee('new', { cost: 5 })).toBeDefined();
  });

  it('forgets the fullest of the oldest where none is full', async () => {
    const { limiter } = bucketAt({ maxKeys: 3 });
    await limiter.take('empty', { cost: 5 });
    await limiter.take('half', { cost: 2 });
    await limiter.take('other', { cost: 4 });
    await limiter.take('new', { cost: 3 });
    expect(limiter.foresee('empty')).toBeDefined();
    expect(limiter.foresee('other', { cost: 2 })).toBeDefined();
    expect(limiter.foresee('half', { cost: 5 })).toBeUndefined();
  });

  it('hands out by forgetting no more than so many new keys would get', async () => {
    const { limiter } = bucketAt({ maxKeys: 20 });
    let admitted = 0;
    let newKeys = 0;
    for (let round = 0; round < 30; round++) {
      for (let tries = 0; tries < 10; tries++)
        if ((await limiter.take('victim')).allowed) admitted += 1;
      for (let flood = 0; flood < 20; flood++)
        if ((await limiter.take(`flood ${newKeys++}`)).allowed) admitted += 1;
    }
    expect(admitted).toBeLessThanOrEqual(5 * (newKeys + 1));
    // It is the emptiest of all: a flood of lighter keys never washes it out.
    expect(limiter.foresee('victim')).toBeDefined();
  });

  it('remembers one key at least, and not less', () => {
    expect(() => bucketAt({ maxKeys: 0 })).toThrow(RangeError);
    expect(() => bucketAt({ maxKeys: 1 })).not.toThrow();
  });
});
