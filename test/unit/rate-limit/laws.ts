/** What every limiter must keep, as checks of what it admitted. */
import fc from 'fast-check';
import type { BucketPolicy } from '#shared/rate-limit/bucket.ts';
import type { RateLimiter, Take } from '#shared/rate-limit/rate-limiter.ts';

export interface Admitted {
  readonly atMs: number;
  readonly cost: number;
}

export interface Step {
  /** Since the step before. */
  readonly afterMs: number;
  readonly cost: number;
  /** Which environment asks. */
  readonly by: number;
}

export const someBucket: fc.Arbitrary<BucketPolicy> = fc.record({
  capacity: fc.integer({ min: 1, max: 8 }),
  refillEveryMs: fc.integer({ min: 1, max: 50 }),
});

/** Bursts, short pauses, and pauses in which a bucket fills up. */
export const steps = (environments: number, maxLength = 12): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.nat(2 ** 24).map(
      (n): Step => ({
        afterMs: pauses[n % 4]?.((n >> 6) % 1_000) ?? 0,
        cost: 1 + ((n >> 2) % 16 < 12 ? 0 : (n >> 16) % 9),
        by: (n >> 20) % environments,
      }),
    ),
    { minLength: 1, maxLength },
  );

const pauses = [
  () => 0,
  (n: number) => n % 8,
  (n: number) => n % 100,
  (n: number) => n % 500,
] as const;

/** The first stretch in which more came in than `most` allows for its length; undefined: none. */
export function overAdmitted(
  admitted: readonly Admitted[],
  most: (lengthMs: number) => number,
): string | undefined {
  for (const [from, first] of admitted.entries()) {
    let sum = 0;
    for (const { atMs, cost } of admitted.slice(from)) {
      sum += cost;
      const allowed = most(atMs - first.atMs);
      if (sum > allowed) return `${sum} in ${atMs - first.atMs} ms, where ${allowed} may be`;
    }
  }
  return undefined;
}

/** The burst, and what comes back meanwhile. Not rounded: what is admitted is whole. */
export const burstAndRefill =
  ({ capacity, refillEveryMs }: BucketPolicy, moreMs = 0) =>
  (lengthMs: number): number =>
    capacity + (lengthMs + moreMs) / refillEveryMs;

export interface Clock {
  nowMs: number;
}

export const startMs = 1_000_000;

/** Every limiter in turn asks for its step; what they admitted together, by the true clock. */
export async function admittedOf(
  limiters: readonly RateLimiter[],
  clock: Clock,
  walk: readonly Step[],
  heard: (take: Take, step: Step) => void = () => {},
): Promise<readonly Admitted[]> {
  const admitted: Admitted[] = [];
  for (const step of walk) {
    clock.nowMs += step.afterMs;
    const take = await limiters[step.by]?.take('key', { cost: step.cost });
    if (!take) throw new Error(`no limiter ${step.by}`);
    if (take.allowed) admitted.push({ atMs: clock.nowMs, cost: step.cost });
    heard(take, step);
  }
  return admitted;
}
