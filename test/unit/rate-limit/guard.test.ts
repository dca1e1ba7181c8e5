import { describe, expect, it, vi } from 'vitest';
import {
  LimitsUnavailableError,
  TooLittleTimeError,
  UnsettledTakeError,
} from '#shared/rate-limit/errors.ts';
import { type GuardOptions, guard, type InsuredAsk } from '#shared/rate-limit/guard.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import type { LayeredLimiter } from '#shared/rate-limit/rate-limiter.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';

const hangs = () => new Promise<never>(() => {});

/** Two layers of so many tokens each, whose store can be broken, and a clock that is rung by hand. */
function guarded({ capacity = 5, ...options }: GuardOptions & { readonly capacity?: number } = {}) {
  const clock = { nowMs: 1_000_000_000 };
  const now = () => clock.nowMs;
  const events: ResilienceEvent[] = [];
  const asked: string[] = [];
  /** Timers that were set and not cancelled, by their milliseconds. */
  const timers: { readonly afterMs: number; readonly ring: () => void }[] = [];
  const broken: { take?: (layer: string) => Promise<never>; giveBack?: () => Promise<never> } = {};

  const layer = (name: string, of: number): InsuredAsk => {
    const bucket = memoryBucket({ capacity: of, refillEveryMs: 1_000, now });
    const limiter: LayeredLimiter = {
      ...bucket,
      foresee: () => undefined,
      take: (...take) => {
        asked.push(name);
        return broken.take?.(name) ?? bucket.take(...take);
      },
      giveBack: (...given) => broken.giveBack?.() ?? bucket.giveBack(...given),
    };
    const insured = memoryBucket({ capacity: 1, refillEveryMs: 10_000, now });
    return { name, limiter, insured, key: 'k', cost: 1 };
  };
  const asks = [layer('user', 9), layer('tenant', capacity)];
  const guarding = guard({
    subject: 'create-order',
    listen: (event) => void events.push(event),
    now,
    timer: (afterMs, ring) => {
      const timer = { afterMs, ring };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    random: () => 0.5,
    ...options,
  });
  return {
    clock,
    events,
    asked,
    timers,
    broken,
    asks,
    take: (whenDown: Parameters<typeof guarding.take>[1] = 'insurance', withinMs?: number) =>
      guarding.take(asks, whenDown, { withinMs }),
  };
}

class UnreachableError extends Error {
  override name = 'UnreachableError';
}

const down = () => Promise.reject(new UnreachableError('no route to host: 10.1.2.3'));
const named = (name: string) => Object.assign(new Error('so it says'), { name });

describe('a guard of limits', () => {
  it('hands on what they answer, and leaves no timer behind', async () => {
    const { take, timers, events } = guarded({ capacity: 1 });
    expect(await take()).toMatchObject({ allowed: true });
    expect(await take()).toMatchObject({ allowed: false, violated: ['tenant'] });
    expect(timers).toEqual([]);
    expect(events).toEqual([]);
  });

  it.each([
    ['open', { allowed: true, degraded: 'open', layers: [], violated: [] }],
    ['insurance', { allowed: true, degraded: 'insurance', violated: [] }],
  ] as const)('lets a call pass (%s) when the store fails', async (whenDown, expected) => {
    const { take, broken, events } = guarded();
    broken.take = down;
    expect(await take(whenDown)).toMatchObject(expected);
    expect(events).toEqual([
      {
        pattern: 'rate-limit',
        happened: 'store-failed',
        subject: 'create-order',
        severity: 'error',
        facts: { error: 'UnreachableError', whenDown },
      },
    ]);
  });

  it('refuses a call (closed) by a named error, with its cause and when the store is tried again', async () => {
    const { take, broken } = guarded();
    broken.take = down;
    const error = await take('closed').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LimitsUnavailableError);
    expect(error).toMatchObject({ retryAfterMs: 1_000, cause: expect.any(UnreachableError) });
  });

  it('counts in memory (insurance), and refuses beyond it', async () => {
    const { take, broken, clock } = guarded();
    broken.take = down;
    await take();
    expect(await take()).toMatchObject({
      allowed: false,
      degraded: 'insurance',
      violated: ['user'],
      retryAfterMs: 10_000,
    });
    clock.nowMs += 10_000;
    expect(await take()).toMatchObject({ allowed: true, degraded: 'insurance' });
  });

  it('waits so long for all layers together, and longer at the very first try', async () => {
    const { take, broken, timers, clock } = guarded();
    broken.take = hangs;
    const first = take('open');
    await vi.waitFor(() => expect(timers.map(({ afterMs }) => afterMs)).toEqual([1_000]));
    timers[0]?.ring();
    expect(await first).toMatchObject({ allowed: true, degraded: 'open' });

    clock.nowMs += 1_000;
    delete broken.take;
    await take('open');
    broken.take = (layer) => (layer === 'tenant' ? hangs() : (undefined as never));
    const later = take('open');
    await vi.waitFor(() => expect(timers.map(({ afterMs }) => afterMs)).toEqual([250]));
    timers[0]?.ring();
    expect(await later).toMatchObject({ degraded: 'open' });
  });

  it('never takes a refusal for a failure, nor a failure for a refusal', async () => {
    const { take, broken, timers, events } = guarded({ capacity: 1 });
    await take('closed');
    // Refused, and its refund hangs: the refusal stands.
    const refunded = vi.fn(hangs);
    broken.giveBack = refunded;
    const refused = take('closed');
    await vi.waitFor(() => expect(refunded).toHaveBeenCalled());
    timers[0]?.ring();
    const decision = await refused;
    expect(decision).toMatchObject({ allowed: false, violated: ['tenant'] });
    expect(decision).not.toHaveProperty('degraded');
    expect(events).toMatchObject([{ happened: 'refund-failed', severity: 'warning' }]);

    // The store hangs: nobody was over a limit, and no limit is said to be violated.
    broken.take = hangs;
    const open = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    timers[0]?.ring();
    expect(await open).toMatchObject({ allowed: true, degraded: 'open', violated: [] });
    expect(events.at(-1)).toMatchObject({
      happened: 'store-failed',
      facts: { error: 'StoreTimeoutError' },
    });
  });

  it('asks again at once after one quick failure', async () => {
    const { take, broken, asked } = guarded();
    broken.take = down;
    await take('open');
    delete broken.take;
    asked.length = 0;
    expect(await take('closed')).not.toHaveProperty('degraded');
    expect(asked).toEqual(['user', 'tenant']);
  });

  it('leaves a store alone at once that did not answer in time', async () => {
    const { take, broken, asked, timers } = guarded();
    broken.take = hangs;
    const waiting = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    timers[0]?.ring();
    await waiting;
    asked.length = 0;
    expect(await take('open')).toMatchObject({ degraded: 'open' });
    expect(asked).toEqual([]);
  });

  it('leaves a store that failed twice alone for a second, then tries it with one call', async () => {
    const { take, broken, asked, clock, timers, events } = guarded();
    broken.take = down;
    await take('open');
    await take('open');
    asked.length = 0;
    clock.nowMs += 999;
    await take('open');
    await expect(take('closed')).rejects.toThrow(LimitsUnavailableError);
    expect(asked).toEqual([]);
    expect(events).toHaveLength(2);

    clock.nowMs += 1;
    broken.take = hangs;
    const trying = take('open');
    const beside = await take('open');
    expect(beside).toMatchObject({ degraded: 'open' });
    expect(asked).toEqual(['user']);
    timers[0]?.ring();
    await trying;
    expect(events.map(({ happened }) => happened)).toEqual(Array(3).fill('store-failed'));
  });

  it('counts again as soon as the store answers, and says so once', async () => {
    const { take, broken, events } = guarded();
    broken.take = down;
    await take('open');
    delete broken.take;
    expect(await take('open')).not.toHaveProperty('degraded');
    await take('open');
    expect(events.map(({ happened, severity }) => [happened, severity])).toEqual([
      ['store-failed', 'error'],
      ['store-recovered', 'info'],
    ]);
  });

  it('does not rest for long when its clock is set back', async () => {
    const { take, broken, clock, asked } = guarded();
    broken.take = down;
    await take('open');
    await take('open');
    clock.nowMs -= 3_600_000;
    delete broken.take;
    asked.length = 0;
    expect(await take('open')).not.toHaveProperty('degraded');
    expect(asked).toEqual(['user', 'tenant']);
  });

  it('refuses from memory although the store is down', async () => {
    const { broken, asks } = guarded();
    broken.take = down;
    const refused = {
      allowed: false,
      retryAfterMs: 7,
      remaining: 0,
      nextTokenMs: 7,
      fullInMs: 7,
    } as const;
    const knowing = asks.map((ask) => ({
      ...ask,
      limiter: { ...ask.limiter, foresee: () => refused },
    }));
    expect(await guard().take(knowing, 'open')).toMatchObject({
      allowed: false,
      foreseen: true,
      violated: ['user', 'tenant'],
    });
  });

  it('hears of nothing after it stopped waiting', async () => {
    const { take, broken, timers } = guarded();
    let fail = (_: Error) => {};
    broken.take = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const waiting = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    timers[0]?.ring();
    await waiting;
    // Vitest fails a run in which a rejection is nobody's.
    fail(new Error('late'));
    expect(timers).toEqual([]);
  });

  it.each([
    { timeoutMs: -1 },
    { firstTimeoutMs: -1 },
    { restMs: -1 },
    { mostRestMs: -1 },
    { restMs: 2_000, mostRestMs: 1_999 },
  ])('is not built with %j', (options) => {
    expect(() => guard(options)).toThrow(RangeError);
  });
});

describe('a store that does not answer', () => {
  /** What the next call waits for, until it stops waiting. */
  async function waits({ take, timers }: ReturnType<typeof guarded>): Promise<number | undefined> {
    const waiting = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    const [timer] = timers;
    timer?.ring();
    await waiting;
    return timer?.afterMs;
  }

  it('is waited for as long as at first only once in an outage', async () => {
    const world = guarded();
    world.broken.take = hangs;
    const all = [];
    for (let times = 0; times < 3; times++) {
      all.push(await waits(world));
      world.clock.nowMs += 10_000;
    }
    expect(all).toEqual([1_000, 250, 250]);
  });

  it('is left alone for twice as long each time, up to ten seconds, and for one after it answered', async () => {
    const world = guarded();
    const { take, broken, asked, clock } = world;
    const rests = async (times: number) => {
      const all = [];
      for (let time = 0; time < times; time++) {
        broken.take = hangs;
        await waits(world);
        const { retryAfterMs } = (await take('closed').catch((error: unknown) => error)) as {
          retryAfterMs: number;
        };
        all.push(retryAfterMs);
        asked.length = 0;
        clock.nowMs += retryAfterMs - 1;
        await take('open');
        expect(asked).toEqual([]);
        clock.nowMs += 1;
      }
      return all;
    };
    expect(await rests(6)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    delete broken.take;
    await take('open');
    expect(await rests(1)).toEqual([1_000]);
  });

  it.each([
    [0, 750],
    [0.999, 1_250],
  ])('is left alone for up to a quarter shorter or longer (%d)', async (random, restMs) => {
    const world = guarded({ random: () => random });
    world.broken.take = hangs;
    await waits(world);
    await expect(world.take('closed')).rejects.toMatchObject({ retryAfterMs: restMs });
  });

  it('is left alone for no longer where nobody had to wait', async () => {
    const { take, broken, clock } = guarded();
    broken.take = down;
    for (let times = 0; times < 4; times++) {
      await take('open');
      await take('open');
      await expect(take('closed')).rejects.toMatchObject({ retryAfterMs: 1_000 });
      clock.nowMs += 1_000;
    }
  });
});

describe('a call with little time', () => {
  it('is not made to wait longer, for its tokens or their refund', async () => {
    const { take, broken, timers, clock, events } = guarded({ capacity: 1 });
    await take('open');
    broken.giveBack = hangs;
    const asking = take('open', 180);
    expect(timers.map(({ afterMs }) => afterMs)).toEqual([180]);
    clock.nowMs += 100;
    await vi.waitFor(() => expect(timers.map(({ afterMs }) => afterMs)).toEqual([80]));
    timers[0]?.ring();
    expect(await asking).toMatchObject({ allowed: false });
    expect(events).toMatchObject([{ happened: 'refund-failed' }]);
  });

  it.each([0, 0.9])(
    'goes without the store at once where it has none (%d ms)',
    async (withinMs) => {
      const { take, asked, events } = guarded();
      const withoutTime = { degraded: 'open', hadNoTime: true };
      expect(await take('open', withinMs)).toMatchObject(withoutTime);
      await expect(take('closed', withinMs)).rejects.toMatchObject({
        name: 'LimitsUnavailableError',
        retryAfterMs: 0,
        cause: expect.any(TooLittleTimeError),
      });
      expect(asked).toEqual([]);
      expect(events).toEqual([]);
      expect(await take('open')).not.toHaveProperty('degraded');
    },
  );

  it('puts the store to rest for others only if it waited for half of what is usual', async () => {
    for (const [withinMs, isResting] of [
      [124, false],
      [125, true],
    ] as const) {
      const { take, broken, timers, events } = guarded();
      await take();
      broken.take = hangs;
      const waiting = take('open', withinMs);
      await vi.waitFor(() => expect(timers).toHaveLength(1));
      timers[0]?.ring();
      expect('hadNoTime' in (await waiting)).toBe(!isResting);
      delete broken.take;
      expect('degraded' in (await take('open'))).toBe(isResting);
      expect(events).toHaveLength(Number(isResting));
    }
  });
});

describe('a key that fails alone', () => {
  it.each([
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'RequestLimitExceeded',
  ])(
    'because it is throttled (%s) goes its own way, and all others are asked for',
    async (name) => {
      const { take, broken, clock, events, asked } = guarded();
      broken.take = () => Promise.reject(named(name));
      for (let calls = 0; calls < 5; calls++)
        expect(await take('open')).toMatchObject({ degraded: 'open' });
      await expect(take('closed')).rejects.toThrow(LimitsUnavailableError);
      expect(asked).toHaveLength(6);
      const told = { happened: 'store-throttled', severity: 'warning', facts: { error: name } };
      expect(events).toMatchObject([told]);
      clock.nowMs += 10_000;
      await take('open');
      expect(events).toMatchObject([told, told]);
      delete broken.take;
      expect(await take('open')).not.toHaveProperty('degraded');
      expect(events).toHaveLength(2);
    },
  );

  it('because it is throttled shows that the store answers', async () => {
    const { take, broken, clock, asked, events } = guarded();
    broken.take = down;
    await take('open');
    await take('open');
    clock.nowMs += 1_000;
    broken.take = () => Promise.reject(named('ThrottlingException'));
    await take('open');
    asked.length = 0;
    await take('open');
    expect(asked).toEqual(['user']);
    expect(events.map(({ happened }) => happened)).toEqual([
      'store-failed',
      'store-failed',
      'store-recovered',
      'store-throttled',
    ]);
  });

  it('because it is throttled is refused where others have heard meanwhile that there is no room', async () => {
    const { asks, broken } = guarded();
    broken.take = () => Promise.reject(named('ThrottlingException'));
    const refused = { allowed: false, retryAfterMs: 7, remaining: 0, nextTokenMs: 7, fullInMs: 7 };
    const heard = vi.fn(() => refused as never).mockReturnValueOnce(undefined as never);
    const [user, ...others] = asks;
    if (!user) throw new Error('nobody asks');
    const knowing = [{ ...user, limiter: { ...user.limiter, foresee: heard } }, ...others];
    const decision = await guard().take(knowing, 'open');
    expect(decision).toMatchObject({ allowed: false, violated: ['user'], foreseen: true });
    expect(decision).not.toHaveProperty('degraded');
  });

  it.each([
    ['TypeError', new TypeError('a bucket without its numbers')],
    ['RangeError', new RangeError('no such cost')],
    ['UnsettledTakeError', new UnsettledTakeError('another at each write')],
  ])('because of a %s is told, and puts no store to rest', async (error, thrown) => {
    const { take, broken, events, asked, clock } = guarded();
    broken.take = () => Promise.reject(thrown);
    for (let calls = 0; calls < 5; calls++)
      expect(await take('insurance')).toMatchObject({ degraded: 'insurance' });
    expect(asked).toHaveLength(5);
    const told = { happened: 'take-failed', severity: 'error', facts: { error } };
    expect(events).toMatchObject([told]);
    clock.nowMs += 10_000;
    await take('insurance');
    expect(events).toMatchObject([told, told]);
  });

  it('neither ends nor prolongs the rest of a store that it was to try', async () => {
    const { take, broken, clock, asked } = guarded();
    broken.take = down;
    await take('open');
    await take('open');
    clock.nowMs += 1_000;
    broken.take = () => Promise.reject(new TypeError('a bucket without its numbers'));
    await take('open');
    asked.length = 0;
    broken.take = down;
    await take('open');
    expect(asked).toEqual(['user']);
    await take('open');
    expect(asked).toEqual(['user']);
  });

  it('leaves a rest alone that another call has begun meanwhile', async () => {
    const { take, broken, timers, asked } = guarded();
    let fail = (_: Error) => {};
    broken.take = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const broke = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(1));
    broken.take = hangs;
    const late = take('open');
    await vi.waitFor(() => expect(timers).toHaveLength(2));
    timers[1]?.ring();
    await late;
    fail(new TypeError('a bucket without its numbers'));
    await broke;
    asked.length = 0;
    await take('open');
    expect(asked).toEqual([]);
  });
});
