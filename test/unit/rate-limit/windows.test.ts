/** The three that count in windows of time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedWindow } from '#shared/rate-limit/fixed-window.ts';
import type { RateLimiter, Take } from '#shared/rate-limit/rate-limiter.ts';
import { slidingLog } from '#shared/rate-limit/sliding-log.ts';
import { slidingWindow } from '#shared/rate-limit/sliding-window.ts';
import { countedStore } from './counted-store.ts';
import { type Admitted, admittedOf, type Clock, overAdmitted, startMs, steps } from './laws.ts';

const policy = { capacity: 4, windowMs: 1_000 };

/** `startMs` is the beginning of a window. */
function worldOf<Options>(
  make: (options: typeof policy & Options & { now: () => number }) => RateLimiter,
) {
  const clock: Clock = { nowMs: startMs };
  const store = countedStore();
  const limiter = (more: object = {}) =>
    make({ ...policy, store, now: () => clock.nowMs, ...more } as never);
  return { clock, store, limiter };
}

/** What each of some takes heard: how much remains, or when to come back. */
async function heardOf(
  { take }: RateLimiter,
  clock: Clock,
  walk: readonly (readonly [number, number])[],
) {
  const heard: (number | string)[] = [];
  for (const [atMs, cost] of walk) {
    clock.nowMs = startMs + atMs;
    const answer: Take = await take('key', { cost });
    heard.push(answer.allowed ? answer.remaining : `in ${answer.retryAfterMs}`);
  }
  return heard;
}

describe('the fixed window', () => {
  it('counts anew at the edge, where twice its capacity gets in', async () => {
    const { clock, limiter } = worldOf(fixedWindow);
    expect(
      await heardOf(limiter(), clock, [
        [999, 4],
        [999, 1],
        [1_000, 4],
        [1_250, 1],
      ]),
    ).toEqual([0, 'in 1', 0, 'in 750']);
  });

  it('is one write a take, and nothing for a refusal that memory knows of', async () => {
    const { clock, store, limiter } = worldOf(fixedWindow);
    const [one, other] = [limiter(), limiter()];
    await one.take('key', { cost: 4 });
    expect((await other.take('key')).allowed).toBe(false);
    expect(store.calls.writes).toBe(2);
    expect(await other.take('key')).toMatchObject({
      allowed: false,
      remaining: 0,
      nextTokenMs: 1_000,
    });
    expect(store.calls.writes).toBe(2);
    clock.nowMs += 1_000;
    expect((await other.take('key')).allowed).toBe(true);
  });

  it('refuses no cheap call because of a dear one', async () => {
    const { clock, limiter } = worldOf(fixedWindow);
    expect(
      await heardOf(limiter(), clock, [
        [0, 3],
        [0, 2],
        [0, 1],
      ]),
    ).toEqual([1, 'in 1000', 0]);
  });

  it('believes no older answer that is heard later', async () => {
    const { store, limiter } = worldOf(fixedWindow);
    const one = limiter();
    const hear = store.holdNextAnswer();
    const slow = one.take('key');
    await one.take('key', { cost: 3 });
    hear();
    await slow;
    await one.take('key');
    expect(store.calls.writes).toBe(2);
  });

  it(
    'holds its capacity in each window, however far the clocks are apart',
    { timeout: 60_000 },
    () =>
      fc.assert(
        fc.asyncProperty(
          steps(2, 20),
          fc.integer({ min: -300, max: 300 }),
          async (walk, skewMs) => {
            const { clock, limiter } = worldOf(fixedWindow);
            const now = [() => clock.nowMs, () => clock.nowMs + skewMs];
            const limiters = now.map((own) => limiter({ now: own }));
            const admitted = new Map<number, number>();
            await admittedOf(limiters, clock, walk, (take, { by, cost }) => {
              const window = Math.floor((now[by]?.() ?? 0) / policy.windowMs);
              if (take.allowed) admitted.set(window, (admitted.get(window) ?? 0) + cost);
            });
            expect(Math.max(0, ...admitted.values())).toBeLessThanOrEqual(policy.capacity);
          },
        ),
        { numRuns: 1_000 },
      ),
  );
});

describe('the sliding window', () => {
  it('counts of the window before what still lies within the last one', async () => {
    const { clock, limiter } = worldOf(slidingWindow);
    const walk = [
      [0, 4],
      [0, 1],
      [1_000, 1],
      [1_250, 1],
      [1_250, 1],
      [1_500, 2],
      [1_500, 1],
      [2_400, 4],
    ] as const;
    expect(await heardOf(limiter(), clock, walk)).toEqual([
      0,
      'in 1250',
      'in 250',
      0,
      'in 250',
      'in 250',
      0,
      'in 600',
    ]);
  });

  it('reads the window before once, and then is one write a take and nothing for a refusal', async () => {
    const { clock, store, limiter } = worldOf(slidingWindow);
    const one = limiter();
    for (let taken = 0; taken < 6; taken++) await one.take('key');
    expect(store.calls).toEqual({ reads: 1, writes: 4 });
    clock.nowMs += 1_500;
    for (let taken = 0; taken < 6; taken++) await one.take('key');
    expect(store.calls).toEqual({ reads: 2, writes: 6 });
  });

  it('sees in the window before what others took there last', async () => {
    const { clock, limiter } = worldOf(slidingWindow);
    const [one, other] = [limiter(), limiter()];
    await one.take('key');
    await other.take('key', { cost: 3 });
    clock.nowMs += 1_000;
    expect(await one.take('key')).toMatchObject({ allowed: false, retryAfterMs: 250 });
  });

  it('believes no older answer that is heard later', async () => {
    const { store, limiter } = worldOf(slidingWindow);
    const one = limiter();
    await one.take('key');
    const hear = store.holdNextAnswer();
    const slow = one.take('key');
    await one.take('key', { cost: 2 });
    hear();
    await slow;
    await one.take('key');
    expect(store.calls.writes).toBe(3);
  });

  it('never admits above its own estimate', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(steps(2, 30), async (walk) => {
        const { clock, limiter } = worldOf(slidingWindow);
        const admitted: Admitted[] = [];
        const countIn = (window: number) =>
          admitted
            .filter(({ atMs }) => Math.floor(atMs / 1_000) === window)
            .reduce((sum, { cost }) => sum + cost, 0);
        await admittedOf([limiter(), limiter()], clock, walk, ({ allowed }, { cost }) => {
          const window = Math.floor(clock.nowMs / 1_000);
          const share = 1 - (clock.nowMs % 1_000) / 1_000;
          const estimate = countIn(window) + countIn(window - 1) * share + cost;
          // Between the two lies what rounding up costs the caller.
          if (allowed) expect(estimate).toBeLessThanOrEqual(policy.capacity);
          else expect(estimate).toBeGreaterThan(policy.capacity - 1);
          if (allowed) admitted.push({ atMs: clock.nowMs, cost });
        });
      }),
      { numRuns: 3_000 },
    ),
  );

  it('holds its capacity in each window, however far the clocks are apart', async () => {
    const { clock, store, limiter } = worldOf(slidingWindow);
    const [right, behind] = [limiter(), limiter({ now: () => clock.nowMs - 100 })];
    clock.nowMs += 1_050;
    expect((await right.take('key', { cost: 4 })).allowed).toBe(true); // has read the window before
    // Its clock is still in that window, of which the other will not hear any more.
    expect((await behind.take('key', { cost: 4 })).allowed).toBe(true);
    expect((await behind.take('key')).allowed).toBe(false);
    expect(store.items('state').every((item) => Number(item['used']) <= policy.capacity)).toBe(
      true,
    );
  });

  it.each([{ windowMs: 367 * 86_400_000 }, { capacity: 2 ** 50 }])(
    'cannot be made with %j',
    (wrong) => {
      expect(() => worldOf(slidingWindow).limiter(wrong)).toThrow(RangeError);
    },
  );
});

describe('the sliding log', () => {
  it('has no edge: each token is free again a window after it was taken', async () => {
    const { clock, limiter } = worldOf(slidingLog);
    const walk = [
      [900, 2],
      [950, 2],
      [1_100, 1],
      [1_899, 1],
      [1_900, 2],
      [1_949, 1],
      [1_950, 3],
      [1_950, 2],
    ] as const;
    expect(await heardOf(limiter(), clock, walk)).toEqual([
      2,
      0,
      'in 800',
      'in 1',
      0,
      'in 1',
      'in 950',
      0,
    ]);
  });

  it('never admits more than its capacity in any stretch of a window', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(steps(1, 30), async (walk) => {
        const { clock, limiter } = worldOf(slidingLog);
        const admitted = await admittedOf([limiter()], clock, walk);
        const most = (lengthMs: number) =>
          lengthMs < policy.windowMs ? policy.capacity : Infinity;
        expect(overAdmitted(admitted, most)).toBeUndefined();
      }),
      { numRuns: 3_000 },
    ),
  );

  it('gives nothing away when the clock steps back', async () => {
    const { clock, limiter } = worldOf(slidingLog);
    expect(
      await heardOf(limiter(), clock, [
        [900, 3],
        [400, 1],
        [500, 1],
        [1_899, 1],
        [1_900, 4],
      ]),
    ).toEqual([1, 0, 'in 1400', 'in 1', 0]);
  });

  it('forgets the key that took nothing for longest', async () => {
    const one = worldOf(slidingLog).limiter({ maxKeys: 2 });
    for (const key of ['a', 'b', 'a', 'c']) await one.take(key, { cost: 2 });
    expect((await one.take('a')).allowed).toBe(false);
    expect((await one.take('b')).remaining).toBe(3);
  });
});
