import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBucket } from '#shared/rate-limit/bucket-item.ts';
import { UnsettledTakeError } from '#shared/rate-limit/errors.ts';
import { type TokenBucketOptions, tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { countedStore } from './counted-store.ts';
import {
  admittedOf,
  burstAndRefill,
  type Clock,
  overAdmitted,
  someBucket,
  startMs,
  steps,
} from './laws.ts';

const policy = { capacity: 5, refillEveryMs: 1_000 };

function bucketAt(options: Partial<TokenBucketOptions> = {}) {
  const clock: Clock = { nowMs: startMs };
  const store = countedStore();
  const another = (more: Partial<TokenBucketOptions> = {}) =>
    tokenBucket({ ...policy, store, now: () => clock.nowMs, ...options, ...more });
  const limiter = another();
  return { clock, store, another, limiter, take: (cost = 1) => limiter.take('key', { cost }) };
}

describe('the token bucket', () => {
  // biome-ignore format: a table, one scenario a row
  it.each([
    ['lets a burst use the whole capacity',       [[0, 5]],                 { allowed: true, remaining: 0, nextTokenMs: 1_000, fullInMs: 5_000 }],
    ['asks to wait for one token when empty',     [[0, 5], [0, 1]],         { allowed: false, remaining: 0, retryAfterMs: 1_000 }],
    ['gives tokens back with time',               [[0, 5], [3_000, 1]],     { allowed: true, remaining: 2 }],
    ['gives them back one by one',                [[0, 5], [1_500, 1]],     { allowed: true, remaining: 0, nextTokenMs: 500 }],
    ['fills no further than its capacity',        [[0, 5], [3_600_000, 1]], { allowed: true, remaining: 4 }],
    ['lets a dearer call wait longer',            [[0, 5], [1_000, 3]],     { allowed: false, remaining: 1, retryAfterMs: 2_000 }],
    ['gives nothing away when a clock steps back', [[9_000, 5], [-1_000, 1]], { allowed: false, remaining: 0, retryAfterMs: 2_000 }],
    ['never lets pass what costs more than it holds', [[0, 2], [0, 6]],     { allowed: false, remaining: 3, retryAfterMs: Infinity }],
  ] as const)('%s', async (_, calls, answer) => {
    const { clock, take } = bucketAt();
    let last: unknown;
    for (const [afterMs, cost] of calls) {
      clock.nowMs += afterMs;
      last = await take(cost);
    }
    expect(last).toMatchObject(answer);
  });

  it('refuses no cheap call because of a dear one', async () => {
    const { take } = bucketAt();
    await take(3);
    expect((await take(4)).allowed).toBe(false);
    expect((await take(2)).allowed).toBe(true);
  });

  it('tells of a clock that is far ahead, once a minute, and refuses as long as it was ahead', async () => {
    const events: ResilienceEvent[] = [];
    const { clock, another, limiter } = bucketAt({
      name: 'users',
      trustMs: 0,
      listen: (event) => void events.push(event),
    });
    const ahead = (ms: number) => another({ now: () => clock.nowMs + ms, listen: () => {} });
    await ahead(5_000).take('near', { cost: 5 });
    await limiter.take('near');
    expect(events).toEqual([]);
    await ahead(5_001).take('far', { cost: 5 });
    expect(await limiter.take('far')).toMatchObject({ allowed: false, retryAfterMs: 6_001 });
    await limiter.take('far');
    const told = {
      pattern: 'rate-limit',
      happened: 'clock-ahead',
      subject: 'users',
      severity: 'error',
      facts: { aheadMs: 5_001 },
    };
    expect(events).toEqual([told]);
    clock.nowMs += 60_000;
    await ahead(7_000).take('other', { cost: 5 });
    await limiter.take('other');
    expect(events).toEqual([told, { ...told, facts: { aheadMs: 7_000 } }]);
    // Its own clock was set back: what it left itself is ahead now.
    clock.nowMs -= 3_600_000;
    await limiter.take('other');
    expect(events).toHaveLength(3);
  });

  it('can be empty for a year at most', () => {
    const { another } = bucketAt();
    expect(() => another({ capacity: 366, refillEveryMs: 86_400_000 })).not.toThrow();
    expect(() => another({ capacity: 367, refillEveryMs: 86_400_000 })).toThrow(RangeError);
    expect(() => another({ trustMs: -1 })).toThrow(RangeError);
    expect(() => another({ maxKeys: 0 })).toThrow(RangeError);
  });

  it('keeps the item until it says nothing that absence would not, and a minute longer', async () => {
    const { store, clock, take } = bucketAt();
    await take(2);
    await take(3);
    const [item] = store.items('state');
    expect(item).toMatchObject({
      fullAtMs: clock.nowMs + 5_000,
      expiresAtMs: clock.nowMs + 65_000,
    });
    expect(item?.['ttl']).toBe((clock.nowMs + 65_000) / 1_000);
  });

  it('takes a bucket that lapsed for full, though its item is still there', async () => {
    const { store, clock, take } = bucketAt();
    await take(5);
    clock.nowMs += 60_000;
    expect(await take(5)).toMatchObject({ allowed: true, remaining: 0 });
    expect(store.items('state')).toHaveLength(1);
  });
});

describe('what a take costs', () => {
  it('is one write: of a new bucket, of one in use, of one at rest', async () => {
    const { store, clock, take } = bucketAt();
    for (const pauseMs of [0, 0, 500, 60_000]) {
      clock.nowMs += pauseMs;
      const before = store.calls.writes;
      expect((await take()).allowed).toBe(true);
      expect(store.calls.writes).toBe(before + 1);
    }
  });

  it('is one write more when another environment has used a bucket at rest', async () => {
    const { store, another, take } = bucketAt();
    await another().take('key');
    expect((await take()).allowed).toBe(true);
    expect(store.calls.writes).toBe(1 + 2);
  });

  it('is nothing for a refusal that memory knows of, for as long as it is trusted', async () => {
    const { store, clock, another, take } = bucketAt({ trustMs: 300 });
    await another().take('key', { cost: 5 });
    expect((await take()).allowed).toBe(false); // asks, and now knows
    const { writes } = store.calls;
    clock.nowMs += 299;
    expect(await take()).toMatchObject({ allowed: false, retryAfterMs: 701 });
    expect(store.calls.writes).toBe(writes);
    clock.nowMs += 1;
    await take();
    expect(store.calls.writes).toBe(writes + 1);
  });

  it('is one write for a refusal where memory is not to be trusted', async () => {
    const { store, take } = bucketAt({ trustMs: 0 });
    await take(5);
    await take();
    expect(store.calls.writes).toBe(2);
  });

  it('is one write after the clock was set back: how old the number is, nobody knows', async () => {
    const { store, clock, take } = bucketAt();
    await take(5);
    clock.nowMs -= 1;
    await take();
    expect(store.calls.writes).toBe(2);
  });
});

describe('what is foreseen', () => {
  it('is nothing of a key that was never seen, but for what could never be', () => {
    const { limiter } = bucketAt();
    expect(limiter.foresee('key', { cost: 5 })).toBeUndefined();
    expect(limiter.foresee('key', { cost: 6 })).toMatchObject({ retryAfterMs: Infinity });
    expect(() => limiter.foresee('key', { cost: 0.5 })).toThrow(RangeError);
  });

  it('is the refusal that the take would be', async () => {
    const { limiter, clock, take } = bucketAt();
    await take(4);
    clock.nowMs += 100;
    expect(limiter.foresee('key')).toBeUndefined();
    const foreseen = limiter.foresee('key', { cost: 2 });
    expect(foreseen).toMatchObject({ allowed: false, remaining: 1, retryAfterMs: 900 });
    expect(await take(2)).toEqual(foreseen);
  });
});

describe('answers that overtake each other', () => {
  it('leave the newer number known: an older one that is heard later is not believed', async () => {
    const { store, limiter } = bucketAt({ capacity: 2 });
    const hear = store.holdNextAnswer();
    const slow = limiter.take('key');
    await limiter.take('key');
    expect(limiter.foresee('key')).toBeDefined();
    hear();
    await slow;
    expect(limiter.foresee('key')).toBeDefined();
  });

  it('refuse nobody what was given back meanwhile', async () => {
    const { store, limiter, clock } = bucketAt({ capacity: 2 });
    await limiter.take('key');
    const hear = store.holdNextAnswer();
    const slow = limiter.take('key');
    await limiter.giveBack('key', { cost: 1, takenAtMs: clock.nowMs });
    hear();
    expect(await slow).toMatchObject({ allowed: true, remaining: 0 });
    expect(limiter.foresee('key')).toBeUndefined();
    expect((await limiter.take('key')).allowed).toBe(true);
  });

  it('do not hide that the item began anew', async () => {
    const { store, clock, limiter } = bucketAt();
    for (let taken = 0; taken < 5; taken++) await limiter.take('key');
    const [item] = store.items('state');
    clock.nowMs += 60_000;
    const at = { table: 'state', key: { pk: String(item?.['pk']) } };
    await store.write({ remove: true, at }); // its TTL
    await limiter.take('key', { cost: 5 });
    expect(limiter.foresee('key')).toMatchObject({ retryAfterMs: 1_000 });
    expect(readBucket(store.items('state')[0]).writes).toBe(1);
  });
});

describe('a refund', () => {
  it('is worth what has not come back by itself', async () => {
    const { limiter, clock, take } = bucketAt();
    const { takenAtMs } = await takenBy(take(3));
    await take(2);
    clock.nowMs += 1_000;
    await limiter.giveBack('key', { cost: 3, takenAtMs });
    expect(await take(4)).toMatchObject({ allowed: false, remaining: 3 });
    expect(await take(3)).toMatchObject({ allowed: true });
  });

  it('asks nobody when all of it has come back, and does nothing to a full bucket', async () => {
    const { limiter, store, clock, take } = bucketAt();
    const { takenAtMs } = await takenBy(take(2));
    clock.nowMs += 1_999;
    await limiter.giveBack('key', { cost: 2, takenAtMs });
    expect(store.calls.writes).toBe(2);
    clock.nowMs += 1;
    await limiter.giveBack('key', { cost: 2, takenAtMs });
    expect(store.calls.writes).toBe(2);
    await limiter.giveBack('key', { cost: 1, takenAtMs: clock.nowMs });
    expect((await take(5)).remaining).toBe(0);
  });

  it.each([
    { cost: 6, takenAtMs: startMs },
    { cost: 0, takenAtMs: startMs },
    { cost: 1, takenAtMs: Number.NaN },
  ])('of $cost at $takenAtMs is none', async (given) => {
    const { limiter } = bucketAt();
    await expect(limiter.giveBack('key', given)).rejects.toThrow(RangeError);
  });

  it('reaches the memory of other environments as soon as they ask', async () => {
    const { limiter, clock, another, take } = bucketAt();
    const other = another();
    const { takenAtMs } = await takenBy(take(5));
    expect((await other.take('key')).allowed).toBe(false);
    await limiter.giveBack('key', { cost: 5, takenAtMs });
    expect(other.foresee('key')).toBeDefined();
    clock.nowMs += 1_001; // no longer trusted
    expect((await other.take('key', { cost: 5 })).allowed).toBe(true);
    expect(other.foresee('key')).toBeDefined();
  });
});

describe('many at once', () => {
  it('takes no conflict for permission: whoever was overtaken asks again, and is refused without room', async () => {
    const { store, another } = bucketAt({ capacity: 20 });
    const takes = await Promise.all(Array.from({ length: 50 }, () => another().take('key')));
    expect(takes.filter(({ allowed }) => allowed)).toHaveLength(20);
    expect(store.calls.writes).toBeLessThanOrEqual(2 * 50);
  });

  it('gives up after three writes that each met another bucket: a fault, not a permission', async () => {
    // Others use it and give it back between any two writes.
    let writes = 0;
    const restless: ItemWriter = {
      async write() {
        writes += 1;
        return { applied: false, item: { fullAtMs: writes % 2 ? startMs + 1 : 0, writes } };
      },
    };
    const { take } = bucketAt({ store: restless });
    await expect(take()).rejects.toThrow(UnsettledTakeError);
    expect(writes).toBe(3);
  });

  it('takes no foreign item for a bucket', async () => {
    const foreign: ItemWriter = { write: async () => ({ applied: false, item: { pk: 'x' } }) };
    await expect(bucketAt({ store: foreign }).take()).rejects.toThrow(TypeError);
  });

  it('lies in a partition for each key: none of them slows another', async () => {
    const { store, limiter } = bucketAt();
    for (const key of ['acme', 'globex', 'initech']) await limiter.take(key);
    expect(new Set(store.items('state').map((item) => item['pk'])).size).toBe(3);
  });
});

describe('clocks that differ', () => {
  it('let in no more than comes back in the time by which they do', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        someBucket,
        steps(3, 30),
        fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 8 }),
        async (bucket, walk, offsets) => {
          const { clock, another } = bucketAt(bucket);
          // Each clock is set forth and back with every step: skew and corrections alike.
          let step = 0;
          const limiters = [0, 3, 5].map((own) =>
            another({ now: () => clock.nowMs + (offsets[(own + step) % offsets.length] ?? 0) }),
          );
          const admitted = await admittedOf(limiters, clock, walk, () => void step++);
          const spreadMs = Math.max(...offsets) - Math.min(...offsets);
          expect(overAdmitted(admitted, burstAndRefill(bucket, spreadMs))).toBeUndefined();
        },
      ),
      { numRuns: 5_000 },
    ),
  );

  it('do let that in', async () => {
    const { clock, another, take } = bucketAt();
    await take(5);
    const ahead = another({ now: () => clock.nowMs + 2_000 });
    expect((await ahead.take('key', { cost: 2 })).allowed).toBe(true);
  });
});

async function takenBy<T extends { readonly allowed: boolean }>(
  take: Promise<T>,
): Promise<Extract<T, { allowed: true }>> {
  const answer = await take;
  if (!answer.allowed) throw new Error('refused');
  return answer as Extract<T, { allowed: true }>;
}
