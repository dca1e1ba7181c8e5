/** Leased buckets of which more is asked than they have. */
import { describe, expect, it } from 'vitest';
import { guard } from '#shared/rate-limit/guard.ts';
import { type LeasedBucketOptions, leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemWriter, Written } from '#shared/state/store.ts';
import { mulberry32 } from '../../protocol/scheduler/choices.ts';
import { countedStore } from './counted-store.ts';
import { type Clock, startMs } from './laws.ts';

class ThrottlingException extends Error {
  override name = 'ThrottlingException';
}

/** A bucket of ten tokens that others have emptied, and one environment that leases of it. */
async function emptied(options: Partial<LeasedBucketOptions> = {}) {
  const clock: Clock = { nowMs: startMs };
  const store = countedStore();
  const policy = { capacity: 10, refillEveryMs: 10, store, now: () => clock.nowMs, ...options };
  const others = tokenBucket({ ...policy, trustMs: 0 });
  const limiter = leasedBucket({ mostTokens: 8, random: () => 0.5, ...policy });
  await others.take('key', { cost: policy.capacity });
  const writesOf = async (deed: () => Promise<unknown>) => {
    const { writes } = store.calls;
    await deed();
    return store.calls.writes - writes;
  };
  return { clock, store, others, limiter, writesOf };
}

describe('an environment that a bucket has refused', () => {
  it('asks it no more before the pause that it tells of, then once', async () => {
    const { clock, limiter, writesOf } = await emptied();
    expect(await limiter.take('key')).toMatchObject({ allowed: false, retryAfterMs: 50 });
    for (const afterMs of [0, 20, 49]) {
      clock.nowMs = startMs + afterMs;
      const deed = async () => {
        const retryAfterMs = 50 - afterMs;
        const refused = { allowed: false, remaining: 0, nextTokenMs: retryAfterMs, retryAfterMs };
        expect(limiter.foresee('key')).toMatchObject(refused);
        expect(await limiter.take('key')).toMatchObject(refused);
      };
      expect(await writesOf(deed)).toBe(0);
    }
    clock.nowMs = startMs + 50;
    expect(limiter.foresee('key')).toBeUndefined();
    expect((await limiter.take('key')).allowed).toBe(true);
  });

  it('waits for longer each time, and for a moment again after it was granted all', async () => {
    const { clock, limiter, others } = await emptied();
    const waits: number[] = [];
    for (let times = 0; times < 4; times++) {
      const refused = await limiter.take('key');
      if (refused.allowed) throw new Error('the bucket was empty');
      waits.push(refused.retryAfterMs);
      clock.nowMs += refused.retryAfterMs;
      const { remaining } = await others.take('key');
      if (remaining > 0) await others.take('key', { cost: remaining });
    }
    expect(waits).toEqual([50, 100, 200, 400]);
    clock.nowMs += 100;
    await limiter.take('key');
    clock.nowMs += 1_000;
    await others.take('key', { cost: 10 });
    expect(await limiter.take('key')).toMatchObject({ allowed: false, retryAfterMs: 50 });
  });

  it('refuses no call that costs less than what was refused', async () => {
    const { clock, limiter } = await emptied();
    clock.nowMs += 30;
    expect(await limiter.take('key', { cost: 4 })).toMatchObject({ allowed: false, remaining: 3 });
    expect((await limiter.take('key', { cost: 3 })).allowed).toBe(true);
  });

  it('then leases what was refused meanwhile, or all that there is', async () => {
    const { clock, limiter, writesOf } = await emptied();
    for (let calls = 0; calls < 6; calls++) await limiter.take('key');
    clock.nowMs += 50;
    const takes = async () => {
      for (let calls = 0; calls < 5; calls++)
        expect((await limiter.take('key')).allowed).toBe(true);
    };
    // Seven are wanted, and memory knows that five are there.
    expect(await writesOf(takes)).toBe(1);
    const next = async () =>
      expect(await limiter.take('key')).toMatchObject({ allowed: false, retryAfterMs: 100 });
    expect(await writesOf(next)).toBe(0);
  });

  it('asks on where the bucket turned out to have more than it leased', async () => {
    const { clock, limiter, others, store } = await emptied({ trustMs: 0 });
    for (let calls = 0; calls < 3; calls++) await limiter.take('key');
    clock.nowMs += 50;
    await limiter.take('key'); // all four that were wanted, and one is left
    for (let calls = 0; calls < 3; calls++) await limiter.take('key');
    const hear = store.holdNextAnswer();
    const slow = limiter.take('key'); // eight are wanted
    clock.nowMs += 500;
    hear();
    const { remaining } = await slow;
    expect(remaining).toBe(9);
    // A pause that begins later is a first one.
    await others.take('key', { cost: 9 });
    clock.nowMs += 50;
    expect(await limiter.take('key', { cost: 10 })).toMatchObject({ retryAfterMs: 50 });
  });

  it('says of a lease beside a pause no more than can be had', async () => {
    const { clock, limiter } = await emptied();
    for (let calls = 0; calls < 6; calls++) await limiter.take('key');
    clock.nowMs += 50;
    await limiter.take('key');
    clock.nowMs += 60;
    // Six have come back to the bucket, which is not asked for them.
    expect(await limiter.take('key')).toMatchObject({
      allowed: true,
      remaining: 3,
      nextTokenMs: 40,
    });
    expect(await limiter.take('key', { cost: 4 })).toMatchObject({ allowed: false, remaining: 3 });
    expect((await limiter.take('key', { cost: 3 })).allowed).toBe(true);
  });

  it('asks for whoever comes when told to, also if others were refused meanwhile', async () => {
    const { clock, limiter } = await emptied({ capacity: 200, trustMs: 0 });
    expect(await limiter.take('key', { cost: 16 })).toMatchObject({ retryAfterMs: 160 });
    clock.nowMs += 159;
    expect(await limiter.take('key', { cost: 16 })).toMatchObject({ retryAfterMs: 1 });
    clock.nowMs += 1;
    expect((await limiter.take('key', { cost: 16 })).allowed).toBe(true);
  });

  it('leaves a bucket alone that is throttled then, and only then', async () => {
    const clock: Clock = { nowMs: startMs };
    const memory = memoryStore();
    let throttled = false;
    const store: ItemWriter = {
      async write(...write): Promise<Written> {
        if (throttled) throw new ThrottlingException();
        return memory.write(...write);
      },
    };
    const policy = { capacity: 10, refillEveryMs: 10, store, now: () => clock.nowMs };
    const limiter = leasedBucket({ ...policy, mostTokens: 8, random: () => 0.5 });
    throttled = true;
    await expect(limiter.take('key')).rejects.toThrow(ThrottlingException);
    expect(limiter.foresee('key')).toBeUndefined();
    throttled = false;
    await tokenBucket(policy).take('key', { cost: 10 });
    await limiter.take('key');
    clock.nowMs += 50;
    throttled = true;
    await expect(limiter.take('key')).rejects.toThrow(ThrottlingException);
    expect(limiter.foresee('key')).toMatchObject({ allowed: false, retryAfterMs: 100 });
  });
});

describe('an overload of a hot limit', () => {
  /** Of the size of this service's limit of all writes, over items that take 1,000 writes a second. */
  async function overloaded(perSecond: number, environments: number) {
    const clock: Clock = { nowMs: startMs };
    const random = mulberry32(perSecond + environments);
    const memory = memoryStore({ now: () => clock.nowMs });
    const perItem = { second: 0, writes: 0 };
    const store: ItemWriter = {
      async write(...write): Promise<Written> {
        const second = Math.floor(clock.nowMs / 1_000);
        if (second !== perItem.second) Object.assign(perItem, { second, writes: 0 });
        perItem.writes += 1;
        if (perItem.writes > 1_000) throw new ThrottlingException();
        return memory.write(...write);
      },
    };
    const now = () => clock.nowMs;
    const each = Array.from({ length: environments }, () => ({
      guarded: guard({ now, random, timer: () => () => {} }),
      limiter: leasedBucket({
        store,
        capacity: 1_000,
        refillEveryMs: 2,
        mostTokens: 50,
        now,
        random,
      }),
      insured: memoryBucket({ capacity: 100, refillEveryMs: 20, now }),
    }));
    const seconds = Array.from({ length: 10 }, () => ({ admitted: 0, degraded: 0 }));
    for (const [second, counts] of seconds.entries())
      for (let nth = 0; nth < perSecond; nth++) {
        clock.nowMs = startMs + 1_000 * second + Math.floor((1_000 * nth) / perSecond);
        const one = each[Math.floor(random() * environments)];
        if (!one) throw new Error('no such environment');
        const { guarded, ...of } = one;
        const ask = { name: 'global-write', key: 'all', cost: 1, ...of };
        const { allowed, degraded } = await guarded.take([ask], 'insurance');
        counts.admitted += Number(allowed);
        counts.degraded += Number(degraded !== undefined);
      }
    return seconds;
  }

  it.each([
    [2_000, 100],
    [2_000, 10],
    [5_000, 50],
  ])(
    'of %d calls a second in %d environments lets in what comes back, and is never off',
    async (perSecond, environments) => {
      const [first, ...later] = await overloaded(perSecond, environments);
      // The burst, what comes back, and what the environments may hold.
      expect(first?.admitted).toBeLessThanOrEqual(1_500 + 50 * environments);
      expect([first, ...later].map((second) => second?.degraded)).toEqual(Array(10).fill(0));
      for (const { admitted } of later.slice(1)) {
        expect(admitted).toBeGreaterThanOrEqual(400);
        expect(admitted).toBeLessThanOrEqual(600);
      }
    },
  );
});
