import { describe, expect, it, vi } from 'vitest';
import { LimitsUnavailableError } from '#shared/rate-limit/errors.ts';
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
    ...options,
  });
  return {
    clock,
    events,
    asked,
    timers,
    broken,
    asks,
    take: (whenDown: Parameters<typeof guarding.take>[1] = 'insurance') =>
      guarding.take(asks, whenDown),
  };
}

const down = () => Promise.reject(new TypeError('no route to host: 10.1.2.3'));

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
        facts: { error: 'TypeError', whenDown },
      },
    ]);
  });

  it('refuses a call (closed) by a named error, with its cause and when the store is tried again', async () => {
    const { take, broken } = guarded();
    broken.take = down;
    const error = await take('closed').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LimitsUnavailableError);
    expect(error).toMatchObject({ retryAfterMs: 1_000, cause: expect.any(TypeError) });
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

  it('waits so long for all layers together, and longer until the store has answered once', async () => {
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

  it.each(['timeoutMs', 'firstTimeoutMs', 'restMs'])('is not built with %s below 0', (option) => {
    expect(() => guard({ [option]: -1 })).toThrow(RangeError);
  });
});
