/** The laws that all limiters keep, each over the memory store and a clock that the test sets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketPolicy } from '#shared/rate-limit/bucket.ts';
import type { RateLimiter, Take } from '#shared/rate-limit/rate-limiter.ts';
import {
  type MemoryStoreOptions,
  memoryStore,
  type StoreCall,
} from '#shared/state/memory-store.ts';
import { everyLimiter, limiterNames, sharedNames } from './every-limiter.ts';
import { admittedOf, type Clock, overAdmitted, someBucket, startMs, steps } from './laws.ts';

const timeoutMs = 60_000;
const numRuns = 2_000;

function worldOf(policy: BucketPolicy, options: MemoryStoreOptions = {}) {
  const clock: Clock = { nowMs: startMs };
  const store = memoryStore(options);
  const limiter = (
    name: keyof typeof everyLimiter,
    more: { readonly name?: string } = {},
  ): RateLimiter => everyLimiter[name].make({ ...policy, ...more, store, now: () => clock.nowMs });
  return { clock, limiter };
}

describe.each(limiterNames)('the %s', (name) => {
  const { most, isShared } = everyLimiter[name];
  const environments = isShared ? 2 : 1;

  it('lets in no more than it says, in any stretch of time', { timeout: timeoutMs }, () =>
    fc.assert(
      fc.asyncProperty(someBucket, steps(environments, 30), async (policy, walk) => {
        const { clock, limiter } = worldOf(policy);
        const limiters = Array.from({ length: environments }, () => limiter(name));
        const admitted = await admittedOf(limiters, clock, walk);
        expect(overAdmitted(admitted, most(policy))).toBeUndefined();
      }),
      { numRuns },
    ),
  );

  it('says to the millisecond when a refusal is over', { timeout: timeoutMs }, () =>
    fc.assert(
      fc.asyncProperty(someBucket, steps(1), async (policy, walk) => {
        const { clock, limiter } = worldOf(policy);
        const { take } = limiter(name);
        for (const { afterMs, cost } of walk) {
          clock.nowMs += afterMs;
          const refused = await take('key', { cost });
          if (refused.allowed) continue;
          if (cost > policy.capacity) {
            expect(refused.retryAfterMs).toBe(Infinity);
            continue;
          }
          clock.nowMs += refused.retryAfterMs - 1;
          expect((await take('key', { cost })).allowed).toBe(false);
          clock.nowMs += 1;
          expect((await take('key', { cost })).allowed).toBe(true);
        }
      }),
      { numRuns },
    ),
  );

  it(
    'says truly what remains, when more comes back, and when all is there',
    { timeout: timeoutMs },
    () =>
      fc.assert(
        fc.asyncProperty(someBucket, steps(1), async (policy, walk) => {
          // Three worlds alike, for three questions of which each changes what it asks of.
          const asked = async (
            question: (answer: Take, take: RateLimiter['take'], clock: Clock) => Promise<void>,
          ) => {
            const { clock, limiter } = worldOf(policy);
            const one = limiter(name);
            let last: Take | undefined;
            await admittedOf([one], clock, walk, (take) => (last = take));
            if (last) await question(last, one.take, clock);
          };
          const isAllowed = async (take: RateLimiter['take'], cost: number) =>
            (await take('key', { cost })).allowed;
          await asked(async ({ remaining }, take) => {
            expect(remaining).toBeGreaterThanOrEqual(0);
            if (remaining < policy.capacity)
              expect(await isAllowed(take, remaining + 1)).toBe(false);
            if (remaining > 0) expect(await isAllowed(take, remaining)).toBe(true);
          });
          await asked(async ({ remaining, nextTokenMs }, take, clock) => {
            if (name === 'leased bucket') return; // what is held may lapse before
            expect(nextTokenMs === 0).toBe(remaining === policy.capacity);
            if (nextTokenMs === 0) return;
            clock.nowMs += nextTokenMs - 1;
            expect(await isAllowed(take, remaining + 1)).toBe(false);
            clock.nowMs += 1;
            expect(await isAllowed(take, remaining + 1)).toBe(true);
          });
          await asked(async ({ fullInMs }, take, clock) => {
            if (fullInMs > 0 && name !== 'leased bucket') {
              clock.nowMs += fullInMs - 1;
              expect(await isAllowed(take, policy.capacity)).toBe(false);
              clock.nowMs += 1;
            } else clock.nowMs += fullInMs;
            expect(await isAllowed(take, policy.capacity)).toBe(true);
          });
        }),
        { numRuns: numRuns / 2 },
      ),
  );

  it('refuses a cost above the capacity for good, and asks nobody', async () => {
    const calls: StoreCall[] = [];
    const { limiter } = worldOf(
      { capacity: 3, refillEveryMs: 10 },
      { faults: (call) => void calls.push(call) },
    );
    const refused = await limiter(name).take('key', { cost: 4 });
    expect(refused).toEqual({
      allowed: false,
      retryAfterMs: Infinity,
      remaining: 3,
      nextTokenMs: 0,
      fullInMs: 0,
    });
    expect(calls).toEqual([]);
  });

  it.each([0, -1, 0.5, Number.NaN, Infinity])('knows no cost of %d', async (cost) => {
    const { limiter } = worldOf({ capacity: 3, refillEveryMs: 10 });
    await expect(limiter(name).take('key', { cost })).rejects.toThrow(RangeError);
  });

  it.each([0, -1, 0.5, Number.NaN, Infinity])(
    'cannot be made with a capacity or a time of %d',
    (wrong) => {
      const { limiter } = worldOf({ capacity: wrong, refillEveryMs: 10 });
      expect(() => limiter(name)).toThrow(RangeError);
      const timed = worldOf({ capacity: 3, refillEveryMs: wrong });
      expect(() => timed.limiter(name)).toThrow(RangeError);
    },
  );

  it('refuses no key for what it knows of another', async () => {
    const { limiter } = worldOf({ capacity: 1, refillEveryMs: 1_000 });
    const { take } = limiter(name);
    for (const allowed of [true, false, false]) expect((await take('loud')).allowed).toBe(allowed);
    expect((await take('quiet')).allowed).toBe(true);
  });

  it('keeps each key for itself, whatever characters it holds', async () => {
    const { limiter } = worldOf({ capacity: 1, refillEveryMs: 1_000 });
    const { take } = limiter(name);
    const keys = [
      '',
      '#',
      'a',
      'a#b',
      'a#',
      '#a',
      'b',
      '\ud800',
      '\udbff',
      '\ufffd',
      'é',
      'e\u0301',
      'x'.repeat(3_000),
      'x'.repeat(3_001),
      '0#a',
      `${startMs}#a`,
    ];
    for (const key of keys) expect((await take(key)).allowed).toBe(true);
    for (const key of keys) expect((await take(key)).allowed).toBe(false);
  });
});

describe.each(sharedNames)('the %s that is shared', (name) => {
  it('refuses nobody while there is room, whoever asks', { timeout: timeoutMs }, () =>
    fc.assert(
      fc.asyncProperty(someBucket, steps(2, 30), async (policy, walk) => {
        if (name === 'leased bucket') return; // what the other holds is not there for this one
        const [both, alone] = [worldOf(policy), worldOf(policy)];
        const answers = async ({ clock, limiter }: typeof both, by: readonly number[]) => {
          const limiters = by.map(() => limiter(name));
          const heard: boolean[] = [];
          await admittedOf(
            limiters,
            clock,
            walk.map((step) => ({ ...step, by: step.by % by.length })),
            ({ allowed }) => heard.push(allowed),
          );
          return heard;
        };
        expect(await answers(both, [0, 1])).toEqual(await answers(alone, [0]));
      }),
      { numRuns },
    ),
  );

  it.each(['lose-request', 'lose-answer'] as const)(
    'throws when the store fails (%s), and says neither yes nor no',
    async (fault) => {
      const { limiter } = worldOf({ capacity: 3, refillEveryMs: 10 }, { faults: () => fault });
      await expect(limiter(name).take('key')).rejects.toThrow(/lost/);
    },
  );

  it('never meets another limit, whatever their names and keys are', async () => {
    const names = ['a', 'a-b', 'b', '1000000'];
    const keys = ['a', '#a', 'b#a', 'a#b', '#', '1000000#a', 'a#1000000'];
    const { limiter } = worldOf({ capacity: 1, refillEveryMs: 1_000 });
    for (const limit of names)
      for (const key of keys)
        expect((await limiter(name, { name: limit }).take(key)).allowed).toBe(true);
  });

  it('meets no limit of another kind under its name', async () => {
    const calls: string[] = [];
    const faults = ({ at }: StoreCall) => void calls.push(String(at?.key['pk']));
    const { limiter } = worldOf({ capacity: 1, refillEveryMs: 1_000 }, { faults });
    const buckets = ['token bucket', 'leased bucket', 'leaky bucket'];
    await limiter(name, { name: 'one' }).take('1000000#key');
    const own = new Set(calls);
    for (const other of sharedNames.filter((each) => each !== name)) {
      if (buckets.includes(name) && buckets.includes(other)) continue; // one bucket, read otherwise
      calls.length = 0;
      await limiter(other, { name: 'one' }).take('key');
      await limiter(other, { name: 'one' }).take('1000000#key');
      expect(calls.filter((pk) => own.has(pk))).toEqual([]);
    }
  });

  it.each(['', 'a#b', 'a b', 'ü', 'a'.repeat(65)])('cannot be named %j', (wrong) => {
    const { limiter } = worldOf({ capacity: 1, refillEveryMs: 10 });
    expect(() => limiter(name, { name: wrong })).toThrow(RangeError);
  });
});
