/**
 * Token bucket, shared by all who use its store: holds up to `capacity` tokens, and one comes back
 * every `refillEveryMs`. A take is one conditional write, of a bucket in use or of one at rest,
 * guessed from the number that was seen last; a wrong guess is told by the item that comes back, and
 * costs a second write. A bucket that memory knows to be too empty is not asked.
 *
 * Remembered is the number, never a verdict: a dear call's refusal must not refuse a cheap one. It
 * only grows, but for what others give back, so it is trusted for `trustMs`.
 *
 * Clocks that differ by some milliseconds let in as much as comes back in that time, and no more. One that is
 * far ahead leaves a number that refuses all others for as long: it is told, and not mended.
 */
import { assertFromZero, assertWhole } from '../options/assert-numbers.ts';
import type { Address, Write } from '../state/items.ts';
import type { ItemWriter } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import {
  assertBucket,
  type BucketPolicy,
  fillMs,
  fits,
  quotaOf,
  refundMs,
  refusal,
  taken,
} from './bucket.ts';
import { busyTake, idleTake, readBucket, refundWrite } from './bucket-item.ts';
import { clockWatch } from './clock-watch.ts';
import { UnsettledTakeError } from './errors.ts';
import { assertGivenBack } from './given-back.ts';
import { assertLimitName, limitAddress } from './limit-address.ts';
import type { LayeredLimiter, Refused, Take } from './rate-limiter.ts';
import { seenNumbers } from './seen.ts';

export interface TokenBucketOptions extends BucketPolicy {
  readonly store: ItemWriter;
  /** The role of the table. Default `state`. */
  readonly table?: string;
  /** Parts the keys of one limit from those of others in the table: letters, digits and `-`. Limits
   *  of one name are one limit. Default `token-bucket`. */
  readonly name?: string;
  /** How long a number that was seen refuses without asking, in milliseconds. 0: never. Default 1000. */
  readonly trustMs?: number;
  /** Keys that an environment remembers; a forgotten one may cost a write more. Default 10,000. */
  readonly maxKeys?: number;
  /** Hears once in a while that a clock is ahead: what it takes is refused to all others. */
  readonly listen?: Listener;
  /** Whole milliseconds. */
  readonly now?: () => number;
}

/** Two wrong guesses in a row take a refund in between; a third is a fault. */
const maxWrites = 3;

/** @throws RangeError for an option that makes no sense. */
export function tokenBucket({
  store,
  table = 'state',
  name = 'token-bucket',
  trustMs = 1_000,
  maxKeys = 10_000,
  listen = silent,
  now = Date.now,
  ...policy
}: TokenBucketOptions): LayeredLimiter {
  assertBucket(policy);
  assertFromZero({ trustMs });
  assertWhole({ maxKeys }, 1);
  assertLimitName(name);
  const seen = seenNumbers(maxKeys);
  const watch = clockWatch({ subject: name, fillMs: fillMs(policy), listen, now });

  const addressOf = (key: string): Address => limitAddress('bucket', { table, name }, { key });

  const lastSeen = (key: string): number => seen.get(key)?.fullAtMs ?? 0;

  /** Sends one write, and remembers what it answers. */
  async function send(key: string, write: Write, nowMs: number) {
    const begunAt = seen.begin();
    const { applied, item } = await store.write(write, { returnItem: true });
    const state = readBucket(item);
    watch(state.fullAtMs, nowMs);
    seen.learn(key, { ...state, atMs: nowMs }, begunAt);
    return { applied, fullAtMs: state.fullAtMs };
  }

  function foreseen(key: string, cost: number, nowMs: number): Refused | undefined {
    const fullAtMs = lastSeen(key);
    if (cost > policy.capacity) return refusal(policy, fullAtMs, { nowMs, cost });
    const ageMs = nowMs - (seen.get(key)?.atMs ?? -Infinity);
    // Seen in the future: the clock was set back since, and the number's age is unknown.
    if (ageMs < 0 || ageMs >= trustMs || fits(policy, fullAtMs, { nowMs, cost })) return undefined;
    return refusal(policy, fullAtMs, { nowMs, cost });
  }

  async function ask(key: string, cost: number, nowMs: number): Promise<Take> {
    const asked = { at: addressOf(key), nowMs, cost };
    let guess = lastSeen(key);
    for (let writes = 0; writes < maxWrites; writes++) {
      const take = guess > nowMs ? busyTake : idleTake;
      const { applied, fullAtMs } = await send(key, take(policy, asked), nowMs);
      if (applied) return taken(policy, fullAtMs, nowMs);
      if (!fits(policy, fullAtMs, asked)) return refusal(policy, fullAtMs, asked);
      guess = fullAtMs;
    }
    throw new UnsettledTakeError(`the bucket was another at each of ${maxWrites} writes`);
  }

  return {
    quota: quotaOf(policy),
    foresee(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      return foreseen(key, cost, now());
    },
    async take(key, { cost = 1 } = {}) {
      assertWhole({ cost }, 1);
      // One instant for the whole take: bounds and guess must mean the same.
      const nowMs = now();
      return foreseen(key, cost, nowMs) ?? ask(key, cost, nowMs);
    },
    async giveBack(key, given) {
      assertGivenBack(given, policy.capacity);
      const nowMs = now();
      const backMs = refundMs(policy, given.cost, nowMs - given.takenAtMs);
      if (backMs > 0) await send(key, refundWrite(backMs, { at: addressOf(key), nowMs }), nowMs);
    },
  };
}
