import { describe, expect, it } from 'vitest';
import {
  type Ask,
  assertCosts,
  type Decision,
  foresee,
  giveBack,
  takeInTurn,
} from '#shared/rate-limit/layers.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import type { LayeredLimiter } from '#shared/rate-limit/rate-limiter.ts';
import { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const startMs = 1_000_000;

/** Buckets of so many tokens, one of which comes back each second; `log` has what each was asked. */
function layers(capacities: Readonly<Record<string, number>>) {
  const clock = { nowMs: startMs };
  const log: string[] = [];
  const watched = (name: string, limiter: LayeredLimiter): LayeredLimiter => ({
    quota: limiter.quota,
    foresee: (key, options) => limiter.foresee(key, options),
    take: (key, options) => {
      log.push(`take ${name} ${key}`);
      return limiter.take(key, options);
    },
    giveBack: (key, given) => {
      log.push(`give back ${name} ${given.cost}`);
      return limiter.giveBack(key, given);
    },
  });
  const limiters = Object.entries(capacities).map(([name, capacity]) => ({
    name,
    limiter: watched(
      name,
      tokenBucket({
        store: memoryStore(),
        name,
        capacity,
        refillEveryMs: 1_000,
        now: () => clock.nowMs,
      }),
    ),
  }));
  const asks = (cost = 1): Ask[] => limiters.map((each) => ({ ...each, key: 'k', cost }));
  /** What the guard does, without a clock. */
  async function take(cost = 1): Promise<Decision> {
    const { decision, unused } = await takeInTurn(asks(cost));
    await giveBack(unused, (name, error) => {
      throw new Error(`${name} did not take back`, { cause: error });
    });
    return decision;
  }
  return { clock, log, limiters, asks, take };
}

describe('layers', () => {
  it('are taken from in turn, and allow what all of them do', async () => {
    const { take, log } = layers({ user: 3, tenant: 5 });
    expect(await take(2)).toEqual({
      allowed: true,
      layers: [
        {
          name: 'user',
          quota: { tokens: 3, windowMs: 3_000 },
          standing: { remaining: 1, nextTokenMs: 1_000, fullInMs: 2_000 },
          violated: false,
        },
        {
          name: 'tenant',
          quota: { tokens: 5, windowMs: 5_000 },
          standing: { remaining: 3, nextTokenMs: 1_000, fullInMs: 2_000 },
          violated: false,
        },
      ],
      violated: [],
      retryAfterMs: 0,
      foreseen: false,
    });
    expect(log).toEqual(['take user k', 'take tenant k']);
  });

  it('are not asked after the first that refuses, and those before it get their tokens back', async () => {
    const { take, log, limiters } = layers({ user: 9, ip: 9, tenant: 1, global: 9 });
    await take();
    log.length = 0;
    const decision = await take();
    expect(log.toSorted()).toEqual([
      'give back ip 1',
      'give back user 1',
      'take ip k',
      'take tenant k',
      'take user k',
    ]);
    expect(decision).toMatchObject({
      allowed: false,
      violated: ['tenant'],
      retryAfterMs: 1_000,
      layers: [{ violated: false }, { violated: false }, { violated: true }, { violated: false }],
    });
    expect(decision.layers[3]).not.toHaveProperty('standing');
    // One of nine was used; what the refused call took stands again.
    const left = await limiters[0]?.limiter.take('k', { cost: 8 });
    expect(left).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('refuse from memory without a take, when any of them is known to be too empty', async () => {
    const { take, asks, log } = layers({ user: 9, tenant: 1 });
    await take();
    log.length = 0;
    expect(foresee(asks())).toMatchObject({
      allowed: false,
      foreseen: true,
      violated: ['tenant'],
      retryAfterMs: 1_000,
    });
    expect(log).toEqual([]);
  });

  it('foresee nothing that memory does not know for certain', async () => {
    const { take, asks, clock } = layers({ user: 9, tenant: 1 });
    expect(foresee(asks())).toBeUndefined();
    await take();
    clock.nowMs += 1_000;
    expect(foresee(asks())).toBeUndefined();
  });

  it('tell a caller who violates several to come back after the last of them', async () => {
    const { take, asks } = layers({ user: 2, tenant: 4 });
    await take(2);
    expect(foresee(asks(2))).toMatchObject({ violated: ['user'], retryAfterMs: 2_000 });
    const both = layers({ user: 2, tenant: 3 });
    await both.take(2);
    expect(foresee(both.asks(2))).toMatchObject({
      violated: ['user', 'tenant'],
      retryAfterMs: 2_000,
    });
  });

  it('let pass after retryAfterMs, and not a millisecond before', async () => {
    const { take, clock } = layers({ user: 9, tenant: 2 });
    await take(2);
    clock.nowMs += 300;
    const { retryAfterMs } = await take(2);
    clock.nowMs += retryAfterMs - 1;
    expect((await take(2)).allowed).toBe(false);
    clock.nowMs += 1;
    expect((await take(2)).allowed).toBe(true);
  });
});

describe('giving back', () => {
  it('tells of each that its store did not let happen, and throws nothing', async () => {
    const limiter = {
      ...memoryBucket({ capacity: 1, refillEveryMs: 1 }),
      giveBack: () => Promise.reject(new Error('down')),
    };
    const told: unknown[] = [];
    await giveBack(
      ['user', 'ip'].map((name) => ({ name, limiter, key: 'k', cost: 1, takenAtMs: startMs })),
      (name, error) => told.push([name, error]),
    );
    expect(told).toEqual([
      ['user', new Error('down')],
      ['ip', new Error('down')],
    ]);
  });
});

describe('costs', () => {
  it('above what a limit holds are refused when they are built, by name', () => {
    expect(() => assertCosts({ report: 10 }, { user: 100, tenant: 9 })).toThrow(
      new RangeError('report costs 10, and tenant holds 9 at most'),
    );
    expect(() => assertCosts({ report: 10 }, { user: 10 })).not.toThrow();
  });

  it.each([0, 1.5, -1, Number.NaN, Infinity])('of %s are none', (cost) => {
    expect(() => assertCosts({ report: cost }, { user: 10 })).toThrow(RangeError);
  });
});
