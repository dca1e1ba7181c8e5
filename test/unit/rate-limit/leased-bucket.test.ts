import { describe, expect, it } from 'vitest';
import { type LeasedBucketOptions, leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { countedStore } from './counted-store.ts';
import { type Clock, startMs } from './laws.ts';

function leasedAt(options: Partial<LeasedBucketOptions> = {}) {
  const clock: Clock = { nowMs: startMs };
  const store = countedStore();
  const policy = { capacity: 100, refillEveryMs: 1_000, store, now: () => clock.nowMs };
  const another = () => leasedBucket({ ...policy, mostTokens: 8, ...options });
  const limiter = another();
  /** The bucket itself, and what is in it. */
  const bucket = tokenBucket({ ...policy, ...options, trustMs: 0 });
  const left = async () => {
    const probe = await bucket.take('key', { cost: options.capacity ?? 100 });
    if (probe.allowed) throw new Error('it was full, and now is empty');
    return probe.remaining;
  };
  const takes = async (count: number, cost = 1) => {
    const answers = [];
    for (let nth = 0; nth < count; nth++) answers.push(await limiter.take('key', { cost }));
    return answers.filter(({ allowed }) => allowed).length;
  };
  return { clock, store, limiter, another, bucket, takes, left };
}

describe('the leased bucket', () => {
  it('begins with what the call costs, and doubles while its leases are used up', async () => {
    const { store, takes, left } = leasedAt();
    const drawn = [];
    for (const uses of [1, 2, 4, 8, 8]) {
      const { writes } = store.calls;
      await takes(uses);
      expect(store.calls.writes).toBe(writes + 1);
      drawn.push(100 - (await left()));
    }
    expect(drawn).toEqual([1, 3, 7, 15, 23]);
  });

  it('begins anew after a lease that lapsed: who asks seldom holds nothing back', async () => {
    const { clock, bucket, takes } = leasedAt();
    await takes(4); // 1, 2, and 4 of which 3 are left
    clock.nowMs += 1_000;
    await takes(1);
    // 3 were lost, and 1 has come back.
    expect(await bucket.take('key', { cost: 93 })).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('takes no more than it costs, call by call, where calls are further apart than a hold', async () => {
    const { clock, takes, left } = leasedAt({ refillEveryMs: 1_000_000 });
    for (let calls = 1; calls <= 10; calls++) {
      await takes(1);
      expect(await left()).toBe(100 - calls);
      clock.nowMs += 1_000;
    }
  });

  it('asks for what its own leftover lacks', async () => {
    const { takes, left } = leasedAt({ mostTokens: 4 });
    await takes(4); // 3 are left of 1 + 2 + 4
    expect(await takes(1, 9)).toBe(1);
    expect(await left()).toBe(100 - 7 - 6);
    await takes(1, 50); // more than it may hold: as much as it costs
    expect(await left()).toBe(100 - 13 - 50);
  });

  it('takes what the call needs where the bucket has no more', async () => {
    const { bucket, takes, left } = leasedAt({ refillEveryMs: 1_000_000 });
    await takes(3);
    await bucket.take('key', { cost: 95 });
    expect(await left()).toBe(2);
    expect(await takes(3)).toBe(2);
    expect(await left()).toBe(0);
  });

  it('says when a refused call fits, counting what it holds only while it does', async () => {
    const { limiter, clock, bucket, takes } = leasedAt({ capacity: 10, refillEveryMs: 100 });
    await takes(4); // holds 3; the bucket has 3
    await bucket.take('key', { cost: 3 });
    expect(await limiter.take('key', { cost: 4 })).toMatchObject({
      allowed: false,
      remaining: 3,
      retryAfterMs: 100,
    });
    clock.nowMs += 950;
    await bucket.take('key', { cost: 9 });
    // 50 ms are left of the lease: not enough for the token that it lacks.
    expect(await limiter.take('key', { cost: 4 })).toMatchObject({
      allowed: false,
      retryAfterMs: 350,
    });
  });

  it('serves from memory what the bucket could not', async () => {
    const { limiter, bucket, takes } = leasedAt();
    await takes(4);
    await bucket.take('key', { cost: 93 });
    expect(limiter.foresee('key', { cost: 3 })).toBeUndefined();
    expect(await takes(1, 3)).toBe(1);
    expect(await takes(1)).toBe(0);
    expect(limiter.foresee('key')).toMatchObject({ retryAfterMs: 1_000 });
  });

  it('foresees that held and remembered tokens together are too few', async () => {
    const { limiter, bucket, takes } = leasedAt({ capacity: 10 });
    await takes(4); // holds 3; the bucket had 3
    expect(limiter.foresee('key', { cost: 6 })).toBeUndefined();
    expect(limiter.foresee('key', { cost: 7 })).toMatchObject({ remaining: 6 });
    expect(limiter.foresee('key', { cost: 11 })).toMatchObject({ retryAfterMs: Infinity });
    await bucket.take('key', { cost: 3 });
    expect(limiter.foresee('key', { cost: 6 })).toBeUndefined(); // it cannot know
  });

  it('never holds more than it may, also when tokens are given back', async () => {
    const { limiter, clock, takes, store } = leasedAt({ mostTokens: 4 });
    await takes(4);
    const given = { cost: 3, takenAtMs: clock.nowMs };
    await limiter.giveBack('key', given);
    const { writes } = store.calls;
    expect(await takes(4)).toBe(4);
    expect(store.calls.writes).toBe(writes);
    await takes(1);
    expect(store.calls.writes).toBe(writes + 1);
  });

  it('takes back no token that has come back by itself since', async () => {
    const { limiter, clock, takes, bucket } = leasedAt({
      capacity: 6,
      refillEveryMs: 100,
      mostTokens: 1,
    });
    const { nowMs: takenAtMs } = clock;
    await takes(1, 6);
    clock.nowMs += 600;
    let admitted = 0;
    for (let nth = 0; nth < 6; nth++) {
      await limiter.giveBack('key', { cost: 1, takenAtMs });
      admitted += await takes(1);
    }
    for (let nth = 0; nth < 6; nth++) admitted += Number((await bucket.take('key')).allowed);
    // A full bucket, and what the environment may hold.
    expect(admitted).toBeLessThanOrEqual(6 + 1);
  });

  it('takes nothing back after its lease, and nothing older', async () => {
    const { limiter, clock, takes, store } = leasedAt();
    const takenAtMs = clock.nowMs;
    await takes(1);
    clock.nowMs += 1_000;
    await limiter.giveBack('key', { cost: 1, takenAtMs });
    await takes(1);
    expect(store.calls.writes).toBe(2);
    await limiter.giveBack('key', { cost: 1, takenAtMs });
    await limiter.giveBack('key', { cost: 1, takenAtMs: clock.nowMs + 1 });
    await takes(1);
    expect(store.calls.writes).toBe(3);
  });

  it('hands nothing out after its clock was set back', async () => {
    const { clock, takes, store } = leasedAt();
    await takes(4);
    clock.nowMs -= 1;
    const { writes } = store.calls;
    await takes(1);
    expect(store.calls.writes).toBe(writes + 1);
  });

  it('keeps the tokens of each key for it', async () => {
    const { limiter, takes, store } = leasedAt();
    await takes(4);
    const { writes } = store.calls;
    await limiter.take('other');
    expect(store.calls.writes).toBe(writes + 1);
    await takes(3);
    expect(store.calls.writes).toBe(writes + 1);
  });

  it('forgets leases beyond its keys, and loses their tokens', async () => {
    const { limiter, takes, store } = leasedAt({ maxKeys: 1 });
    await takes(4);
    await limiter.take('other');
    const { writes } = store.calls;
    await takes(1);
    expect(store.calls.writes).toBeGreaterThan(writes);
  });

  it.each([
    { mostTokens: 0 },
    { mostTokens: 1.5 },
    { mostTokens: 101 },
    { mostTokens: Number.NaN },
    { holdMs: 0 },
    { holdMs: 0.5 },
  ])('cannot be made with %j', (wrong) => {
    expect(() => leasedAt(wrong)).toThrow(RangeError);
  });
});

describe('calls of one environment at once', () => {
  it('share one lease after the other, and get exactly what there is', async () => {
    const { limiter, store } = leasedAt({ capacity: 20 });
    const takes = await Promise.all(Array.from({ length: 50 }, () => limiter.take('key')));
    expect(takes.filter(({ allowed }) => allowed)).toHaveLength(20);
    // 1 + 2 + 4 + 8, the 5 that are left one by one, and the refusals.
    expect(store.calls.writes).toBeLessThan(20);
  });

  it('get together with other environments no more than the capacity, and hold the rest', async () => {
    const { another, left } = leasedAt();
    const limiters = Array.from({ length: 10 }, another);
    const takes = await Promise.all(
      Array.from({ length: 200 }, (_, nth) => limiters[nth % 10]?.take('key')),
    );
    const allowed = takes.filter((take) => take?.allowed).length;
    expect(allowed).toBeLessThanOrEqual(100);
    expect(allowed + (await left())).toBeGreaterThanOrEqual(100 - 10 * 8);
  });

  it('fail with the lease that they wait for, and leave nothing behind', async () => {
    const { limiter, store, takes } = leasedAt();
    await takes(1);
    store.failNext();
    const takes10 = Array.from({ length: 10 }, () => limiter.take('key'));
    const heard = await Promise.allSettled(takes10);
    expect(heard.every(({ status }) => status === 'rejected')).toBe(true);
    expect(store.calls.writes).toBe(2);
    expect(await takes(1)).toBe(1);
  });

  it('do not lose what was held when the bucket refuses or fails', async () => {
    const { limiter, bucket, store, takes } = leasedAt({ capacity: 10 });
    await takes(4); // holds 3
    store.failNext();
    await expect(limiter.take('key', { cost: 5 })).rejects.toThrow(/lost/);
    await bucket.take('key', { cost: 3 });
    expect((await limiter.take('key', { cost: 5 })).allowed).toBe(false);
    const { writes } = store.calls;
    expect(await takes(3)).toBe(3);
    expect(store.calls.writes).toBe(writes);
  });

  it('use no token twice that a dearer call has set aside', async () => {
    const { limiter, store, takes } = leasedAt({ capacity: 10 });
    await takes(4); // holds 3; the bucket has 3
    const hear = store.holdNextAnswer();
    const dear = limiter.take('key', { cost: 5 });
    const cheap = limiter.take('key', { cost: 3 });
    expect(limiter.foresee('key', { cost: 6 })).toBeUndefined(); // not before it is known
    hear();
    const answers = [await dear, await cheap];
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, false]);
    expect(await takes(1)).toBe(1);
    expect(await takes(1)).toBe(0);
  });
});
