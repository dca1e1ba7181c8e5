/** The limits of a route, put together from their table: what a call takes, and what its caller is told. */
import type { Admission, Limit } from '#shared/http/rate-limit.ts';
import type { BucketPolicy } from '#shared/rate-limit/bucket.ts';
import { LimitsUnavailableError, TooLittleTimeError } from '#shared/rate-limit/errors.ts';
import { type GuardedDecision, guard, type InsuredAsk } from '#shared/rate-limit/guard.ts';
import { rateLimitHeaders } from '#shared/rate-limit/headers.ts';
import { assertCosts } from '#shared/rate-limit/layers.ts';
import { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
import { memoryBucket } from '#shared/rate-limit/memory-bucket.ts';
import { type TokenBucketOptions, tokenBucket } from '#shared/rate-limit/token-bucket.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { type Counted, countedFor, strangerAt } from './limit-keys.ts';
import {
  insuredRatio,
  type LimitGroup,
  type LimitRow,
  limitLayers,
  limitRow,
  limits,
  policyOf,
} from './tables/limits.ts';
import type { RouteRow } from './tables/routes.ts';
import type { Scope } from './telemetry.ts';

export interface RouteLimitsOptions {
  readonly store: ItemWriter;
  readonly row: Pick<RouteRow, 'limitGroup' | 'weight' | 'limitsDown'>;
  /** The route's name. */
  readonly subject: string;
  readonly signals: Pick<Scope, 'listen' | 'record'>;
  /** As of a guard. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/**
 * Undefined for a route that nothing limits.
 *
 * @throws RangeError for a weight that one of its limits could never allow
 */
export function routeLimits({
  store,
  row,
  subject,
  signals: { listen, record },
  ...options
}: RouteLimitsOptions): Limit | undefined {
  const { limitGroup: group, weight: cost = 1, limitsDown = 'insurance' } = row;
  if (group === 'none') return undefined;
  const rows = rowsOf(group);
  assertCosts(
    { [subject]: cost },
    Object.fromEntries([...rows].map(([name, { capacity }]) => [name, capacity])),
  );
  const { now = Date.now } = options;
  const buckets = mapped(rows, (row, name) => ({
    limiter: bucketOf(row, { store, name, now, listen }),
    insured: memoryBucket({ ...shareOf(row, cost), now }),
  }));
  const guarded = guard({ subject, listen, ...options });

  const ask = ({ layer, tier, key }: Counted, tokens: number): InsuredAsk => {
    const bucket = buckets.get(nameOf(layer, group, tier));
    if (!bucket) throw new RangeError(`no limit ${nameOf(layer, group, tier)}`);
    return { ...bucket, name: policyOf(layer, group, tier), key, cost: tokens };
  };

  function unasked(outcome: string, hadNoTime = false): void {
    record('LimitsDegraded', 1, { outcome });
    // A caller who gives no time must not page anybody.
    if (!hadNoTime) record('LimitsUnasked', 1, {});
  }

  function tell(decision: GuardedDecision): Admission {
    const { allowed, violated, retryAfterMs, degraded, hadNoTime, foreseen } = decision;
    if (degraded) unasked(allowed ? degraded : 'refused', hadNoTime);
    for (const limit of violated)
      record('RateLimited', 1, { limit, outcome: foreseen ? 'foreseen' : 'asked' });
    return {
      // Shares that stand in for limits are nothing that a caller can plan with.
      headers: degraded ? {} : rateLimitHeaders(decision),
      ...(!allowed && { refused: { retryAfterMs, violated } }),
    };
  }

  return {
    async admit({ caller, arrival, withinMs }) {
      const asks = countedFor(caller, arrival).map((counted) => ask(counted, cost));
      try {
        return tell(await guarded.take(asks, limitsDown, { withinMs }));
      } catch (error) {
        if (error instanceof LimitsUnavailableError)
          unasked(limitsDown, error.cause instanceof TooLittleTimeError);
        throw error;
      }
    },
    // Never `closed`: the refusal that it counts stands, and must not become a fault of ours.
    async charge({ caller, arrival }) {
      const asks = caller
        ? countedFor(caller, arrival).map((counted) => ask(counted, cost))
        : [ask(strangerAt(arrival), 1)];
      return tell(await guarded.take(asks, 'insurance'));
    },
  };
}

/** Of one limit in the store. */
const nameOf = (layer: string, group: LimitGroup, tier: string): string =>
  `${layer}-${group}-${tier}`;

const rowsOf = (group: LimitGroup): ReadonlyMap<string, LimitRow> =>
  new Map(
    limitLayers.flatMap((layer) =>
      Object.keys(limits[layer][group]).map((tier) => [
        nameOf(layer, group, tier),
        limitRow(layer, group, tier),
      ]),
    ),
  );

const mapped = <A, B>(map: ReadonlyMap<string, A>, to: (value: A, name: string) => B) =>
  new Map([...map].map(([name, value]) => [name, to(value, name)]));

const bucketOf = (
  { capacity, refillEveryMs, counted }: LimitRow,
  of: Pick<TokenBucketOptions, 'store' | 'name' | 'now' | 'listen'>,
) =>
  counted === 'exact'
    ? tokenBucket({ capacity, refillEveryMs, ...of })
    : leasedBucket({ capacity, refillEveryMs, ...counted, ...of });

/** What one environment allows by itself: at least one call. */
const shareOf = ({ capacity, refillEveryMs }: LimitRow, cost: number): BucketPolicy => ({
  capacity: Math.max(cost, Math.floor(capacity * insuredRatio)),
  refillEveryMs: Math.ceil(refillEveryMs / insuredRatio),
});
