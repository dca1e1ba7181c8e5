/** What limiters do, over every store. */
import { describe, expect, it } from 'vitest';
import { fixedWindow } from '#shared/rate-limit/fixed-window.ts';
import { leakyBucket } from '#shared/rate-limit/leaky-bucket.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import type { RateLimiter } from '#shared/rate-limit/rate-limiter.ts';
import { slidingWindow } from '#shared/rate-limit/sliding-window.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';

type Store = ItemReader & ItemWriter;

interface World {
  readonly clock: { nowMs: number };
  readonly calls: { reads: number; writes: number };
  readonly options: { readonly store: Store; readonly now: () => number };
  readonly key: string;
}

const capacity = 20;
const refillEveryMs = 1_000;
const windowMs = capacity * refillEveryMs;

/** None of them fills up while a test runs: the clock stands still. */
const limiters: Readonly<Record<string, (world: World) => RateLimiter>> = {
  'token bucket': ({ options }) => tokenBucket({ ...options, capacity, refillEveryMs }),
  'leased bucket': ({ options }) =>
    leasedBucket({ ...options, name: 'leased', capacity, refillEveryMs, mostTokens: 4 }),
  'leaky bucket': ({ options }) =>
    leakyBucket({ ...options, capacity, leakEveryMs: refillEveryMs }),
  'fixed window': ({ options }) => fixedWindow({ ...options, capacity, windowMs }),
  'sliding window': ({ options }) => slidingWindow({ ...options, capacity, windowMs }),
};

export function rateLimitContract(store: () => Store): void {
  const given = (): World => {
    const clock = { nowMs: Math.floor(Date.now() / windowMs) * windowMs };
    const calls = { reads: 0, writes: 0 };
    const counted: Store = {
      read(at, options) {
        calls.reads += 1;
        return store().read(at, options);
      },
      write(write, options) {
        calls.writes += 1;
        return store().write(write, options);
      },
    };
    const options = { store: counted, now: () => clock.nowMs };
    return { clock, calls, options, key: `contract#${crypto.randomUUID()}` };
  };

  describe.each(Object.entries(limiters))('the %s', (_, make) => {
    it('lets its capacity in, and says when the next one may come', async () => {
      const world = given();
      const { take } = make(world);
      expect(await take(world.key, { cost: 15 })).toMatchObject({ allowed: true, remaining: 5 });
      const dear = await take(world.key, { cost: 6 });
      expect(dear).toMatchObject({ allowed: false, remaining: 5 });
      expect(await take(world.key, { cost: 5 })).toMatchObject({ allowed: true, remaining: 0 });
      const refused = await take(world.key);
      if (refused.allowed) throw new Error('admitted above the capacity');
      world.clock.nowMs += refused.retryAfterMs - 1;
      expect((await take(world.key)).allowed).toBe(false);
      world.clock.nowMs += 1;
      expect((await take(world.key)).allowed).toBe(true);
    });

    it('admits of fifty at once, each in an environment of its own, exactly its capacity', async () => {
      const world = given();
      const takes = await Promise.all(
        Array.from({ length: 50 }, () => make(world).take(world.key)),
      );
      expect(takes.filter(({ allowed }) => allowed)).toHaveLength(capacity);
      expect(world.calls.writes).toBeLessThanOrEqual(2 * 50);
    });

    it('takes an item that lapsed and was not deleted for what it is: nothing', async () => {
      const world = given();
      await make(world).take(world.key, { cost: capacity });
      world.clock.nowMs += 10 * windowMs;
      expect(await make(world).take(world.key, { cost: capacity })).toMatchObject({
        allowed: true,
        remaining: 0,
      });
      expect((await make(world).take(world.key)).allowed).toBe(false);
    });

    it.each(['#', '\u0000', '\ud800', 'é'.repeat(1_500)])(
      'has a limit for a key with %j',
      async (odd) => {
        const world = given();
        const { take } = make(world);
        expect((await take(world.key + odd, { cost: capacity })).allowed).toBe(true);
        expect((await take(world.key + odd)).allowed).toBe(false);
        expect((await take(world.key)).allowed).toBe(true);
      },
    );

    it('throws when its store fails, and neither admits nor refuses', async () => {
      const world = given();
      const failing = { ...world, options: { ...world.options, store: brokenStore } };
      await expect(make(failing).take(world.key)).rejects.toThrow('out of order');
    });
  });

  describe('the token bucket’s writes', () => {
    it('are one for each take; one more after a wrong guess, and none for a refusal that is known', async () => {
      const world = given();
      const [one, other] = [limiters['token bucket'], limiters['token bucket']].map((make) =>
        make?.(world),
      );
      await one?.take(world.key);
      expect(world.calls.writes).toBe(1);
      await other?.take(world.key); // takes it for a bucket at rest
      expect(world.calls.writes).toBe(3);
      await other?.take(world.key, { cost: capacity - 2 });
      expect(world.calls.writes).toBe(4);
      await other?.take(world.key);
      expect(world.calls.writes).toBe(4);
    });

    it('give back what was not used', async () => {
      const { options, key, clock } = given();
      const bucket = tokenBucket({ ...options, capacity, refillEveryMs });
      const take = await bucket.take(key, { cost: capacity });
      if (!take.allowed) throw new Error('refused');
      clock.nowMs += 500;
      await bucket.giveBack(key, { cost: 3, takenAtMs: take.takenAtMs });
      expect(await bucket.take(key, { cost: 3 })).toMatchObject({ allowed: true, remaining: 0 });
      expect((await bucket.take(key)).allowed).toBe(false);
    });
  });
}

const outOfOrder = async () => {
  throw new Error('out of order');
};

const brokenStore: Store = { read: outOfOrder, write: outOfOrder };
