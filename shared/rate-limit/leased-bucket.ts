/**
 * A token bucket for limits that need not be exact: an environment leases tokens in one write, and
 * hands them out from memory. The first lease of a key takes what the call costs; one that is used up
 * within its hold is followed by one twice as large, up to `mostTokens`; one that lapses, by a small
 * one. So an environment with little traffic holds nothing back from the others.
 *
 * Over any window all together let in at most capacity + refill + `mostTokens` for each environment.
 * Tokens that lapse are lost: the bucket fills as if they had been used. What a lease left counts for
 * the take that it cannot serve alone, which asks the bucket for the rest.
 *
 * A bucket that had less than was wanted is not asked again before a pause, which grows while it has too
 * little; until then memory refuses. So an overload costs each environment a few writes a second, not one
 * for each call, and what comes back meanwhile may lie unused for as long. The next lease is for what
 * was refused in between as well.
 *
 * Calls of one key in one environment wait for the lease that is under way, and fail with it.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import { boundedMap } from './bounded-map.ts';
import { refundMs, refusal } from './bucket.ts';
import { type Drawn, drawn } from './draw.ts';
import { assertGivenBack } from './given-back.ts';
import { fromLease, isRunning, type Lease, refusedBeside } from './lease-of-tokens.ts';
import { pauses } from './pauses.ts';
import type { LayeredLimiter, Refused, Take } from './rate-limiter.ts';
import { isThrottled } from './store-failures.ts';
import { type TokenBucketOptions, tokenBucket } from './token-bucket.ts';

export interface LeasedBucketOptions extends TokenBucketOptions {
  /** Tokens of one key that an environment may hold: whole, from 1 to `capacity`. A call that costs
   *  more is served all the same, and leaves nothing held. */
  readonly mostTokens: number;
  /** How long a lease is handed out, in whole milliseconds from 1. Default 1000. */
  readonly holdMs?: number;
  /** From 0 to below 1; parts the environments that pause. */
  readonly random?: () => number;
}

/**
 * `remaining` is what the environment holds and what the bucket had when it was last asked: others
 * may have taken of that since.
 *
 * @throws RangeError for an option that makes no sense.
 */
export function leasedBucket(options: LeasedBucketOptions): LayeredLimiter {
  const { mostTokens, holdMs = 1_000, maxKeys = 10_000, now = Date.now, capacity } = options;
  const { random = Math.random } = options;
  assertWhole({ mostTokens, holdMs }, 1);
  if (mostTokens > capacity)
    throw new RangeError(`mostTokens must be at most capacity (${capacity}), got ${mostTokens}`);
  const bucket = tokenBucket(options);
  const leases = boundedMap<Lease>(maxKeys);
  const paused = pauses({ maxKeys, mostMs: holdMs, random });
  /** Keys whose next lease is under way. */
  const flights = new Map<string, Promise<Take>>();

  function running(key: string, nowMs: number): Lease | undefined {
    const lease = leases.get(key);
    return lease && isRunning(lease, nowMs) ? lease : undefined;
  }

  function foreseen(key: string, cost: number, nowMs: number): Refused | undefined {
    const lease = running(key, nowMs);
    const held = lease?.tokens ?? 0;
    const isPossible = cost <= capacity;
    // What a lease under way brings, or has set aside, is not known before it ends.
    if (isPossible && (flights.has(key) || held >= cost)) return undefined;
    const needed = isPossible ? cost - held : cost;
    const pause = paused.running(key, nowMs);
    const refused =
      bucket.foresee(key, { cost: needed }) ??
      (pause && needed >= pause.fromTokens
        ? refusal(options, pause.fullAtMs, { nowMs, cost: needed })
        : undefined);
    return refused && refuse(key, refused, { lease, cost, nowMs });
  }

  function refuse(
    key: string,
    refused: Refused,
    { lease, cost, nowMs }: { lease: Lease | undefined; cost: number; nowMs: number },
  ): Refused {
    const pause = paused.running(key, nowMs);
    const answer = refusedBeside(lease, refused, { policy: options, nowMs, pause, cost });
    if (cost <= capacity) paused.told(key, cost, { nowMs, inMs: answer.retryAfterMs });
    return answer;
  }

  async function draw(key: string, cost: number, nowMs: number): Promise<Take> {
    const last = running(key, nowMs);
    const held = last?.tokens ?? 0;
    const least = cost - held;
    const likely = Math.max(2 * (last?.size ?? 0), least + paused.missed(key, nowMs));
    const wanted = Math.max(least, Math.min(mostTokens, likely));
    const keep = (tokens: number) => Math.min(mostTokens, tokens);
    // Set aside: nobody else may use them while the bucket is asked for the rest.
    if (last) last.tokens = 0;
    let lot: Drawn | undefined;
    try {
      lot = await drawn((tokens) => bucket.take(key, { cost: tokens }), { wanted, least }, now);
    } catch (error) {
      if (isThrottled(error)) paused.prolong(key, now());
      throw error;
    } finally {
      if (last && !lot?.take.allowed) last.tokens = keep(held + last.tokens);
    }
    const { take, tokens, askedMs } = lot;
    const fullAtMs = askedMs + take.fullInMs;
    const left = take.allowed ? take.remaining : least - 1;
    if (take.allowed && tokens + left >= wanted) paused.end(key);
    else paused.begin(key, { fromTokens: left + 1, fullAtMs }, askedMs);
    if (!take.allowed) {
      // The wait for what was lacking, not for what would have been nice.
      const retryAfterMs = take.retryAfterMs - (tokens - least) * options.refillEveryMs;
      return refuse(key, { ...take, retryAfterMs }, { lease: last, cost, nowMs: askedMs });
    }
    const lease: Lease = {
      // Given back meanwhile, set aside, drawn, and used.
      tokens: keep((last?.tokens ?? 0) + held + tokens - cost),
      size: tokens,
      fromMs: nowMs,
      holdMs,
      fullAtMs,
    };
    leases.set(key, lease);
    return serve(key, lease, take.takenAtMs);
  }

  const serve = (key: string, lease: Lease, nowMs: number): Take =>
    fromLease(lease, { policy: options, nowMs, pause: paused.running(key, nowMs) });

  async function lead(key: string, cost: number, nowMs: number): Promise<Take> {
    const flight = draw(key, cost, nowMs);
    flights.set(key, flight);
    try {
      return await flight;
    } finally {
      flights.delete(key);
    }
  }

  return {
    quota: bucket.quota,
    foresee(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      return foreseen(key, cost, now());
    },
    async take(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      for (;;) {
        const nowMs = now();
        const lease = running(key, nowMs);
        if (lease && lease.tokens >= cost) {
          lease.tokens -= cost;
          return serve(key, lease, nowMs);
        }
        const refused = foreseen(key, cost, nowMs);
        if (refused) return refused;
        const flight = flights.get(key);
        if (!flight) return lead(key, cost, nowMs);
        await flight;
      }
    },
    async giveBack(key, given) {
      assertGivenBack(given, capacity);
      const nowMs = now();
      const lease = running(key, nowMs);
      const ageMs = nowMs - given.takenAtMs;
      if (!lease || ageMs < 0 || ageMs >= holdMs) return;
      // Whole tokens: of one that has partly come back, others may have the rest.
      const back = Math.floor(refundMs(options, given.cost, ageMs) / options.refillEveryMs);
      lease.tokens = Math.min(mostTokens, lease.tokens + back);
    },
  };
}
