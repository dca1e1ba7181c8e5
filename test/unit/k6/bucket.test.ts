import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admittedTooMany,
  type Bucket,
  type CountedCall,
  refusedTooEarly,
} from '#k6/support/bucket.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';

interface Arrival {
  readonly afterMs: number;
  /** From its departure to the decision, and from there to the answer. */
  readonly toMs: number;
  readonly backMs: number;
}

const arrivals = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 60 }),
    toMs: fc.integer({ min: 0, max: 90 }),
    backMs: fc.integer({ min: 0, max: 90 }),
  }),
  { minLength: 1, maxLength: 60 },
);

const policies = fc.record({
  capacity: fc.integer({ min: 4, max: 12 }),
  refillEveryMs: fc.integer({ min: 5, max: 60 }),
  weight: fc.integer({ min: 1, max: 4 }),
});

/** What a caller sees of calls that a bucket decides, each at its own time, as late as it likes. */
async function seen(
  came: readonly Arrival[],
  { capacity, refillEveryMs, weight }: { capacity: number; refillEveryMs: number; weight: number },
): Promise<readonly CountedCall[]> {
  let nowMs = 1_000_000;
  const bucket = memoryBucket({ capacity, refillEveryMs, now: () => nowMs });
  let sentAtMs = nowMs;
  const calls = came.map(({ afterMs, toMs, backMs }) => {
    sentAtMs += afterMs;
    return { sentAtMs, decidedAtMs: sentAtMs + toMs, answeredAtMs: sentAtMs + toMs + backMs };
  });
  const counted: CountedCall[] = [];
  for (const call of calls.toSorted((one, other) => one.decidedAtMs - other.decidedAtMs)) {
    nowMs = call.decidedAtMs;
    const { allowed } = await bucket.take('k', { cost: weight });
    counted.push({ ...call, admitted: allowed });
  }
  return counted;
}

const call = (atMs: number, admitted: boolean): CountedCall => ({
  sentAtMs: atMs,
  answeredAtMs: atMs,
  admitted,
});

describe('what a load test holds against a bucket', () => {
  it('acquits every bucket that keeps its word, however slow its answers are', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, policies, async (came, policy) => {
        const calls = await seen(came, policy);
        const bucket: Bucket = { ...policy, leased: 0 };
        expect(admittedTooMany(bucket, calls, policy)).toBeLessThanOrEqual(0);
        expect(refusedTooEarly(bucket, calls, policy)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  const bucket: Bucket = { capacity: 3, refillEveryMs: 100, leased: 0 };

  it('convicts one call too many, in any stretch of time', () => {
    const late = [0, 0, 0].map((after) => call(5_000 + after, true));
    expect(admittedTooMany(bucket, [call(0, true), ...late])).toBe(0);
    expect(admittedTooMany(bucket, [call(0, true), ...late, call(5_099, true)])).toBe(1);
    expect(admittedTooMany(bucket, [call(0, true), ...late, call(5_100, true)])).toBe(0);
  });

  it('allows what environments may have leased, and no more', () => {
    const leased = { ...bucket, leased: 2 };
    const calls = Array.from({ length: 7 }, () => call(0, true));
    expect(admittedTooMany(leased, calls, { environments: 2 })).toBe(0);
    expect(admittedTooMany(leased, calls, { environments: 1 })).toBe(2);
  });

  it('convicts a refusal while there was room, and a rate that is lower than it says', () => {
    const burst = [call(0, true), call(0, true)];
    expect(refusedTooEarly(bucket, [...burst, call(0, false)])).toBe(1);
    expect(refusedTooEarly(bucket, [...burst, call(0, true), call(99, false)])).toBe(0);
    expect(refusedTooEarly(bucket, [...burst, call(0, true), call(100, false)])).toBe(1);
  });

  it('counts in what a call costs', () => {
    const calls = [call(0, true), call(0, false)];
    expect(refusedTooEarly(bucket, calls, { weight: 2 })).toBe(0);
    expect(refusedTooEarly(bucket, calls, { weight: 1 })).toBe(1);
    expect(admittedTooMany(bucket, [call(0, true), call(99, true)], { weight: 2 })).toBe(1);
  });
});
