/** What load tests know of the limits: the buckets by policy and tier, what routes cost, and the plans. */
import { type LimitRow, limitGroups, limitLayers, limits } from '#functions/tables/limits.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { type TierRow, tiers } from '#functions/tables/tiers.ts';
import { problemPath } from '#shared/http/problem-types.ts';

/** `leased`: what one environment may let in beyond an exact bucket, at most. */
const bucket = ({ capacity, refillEveryMs, counted }: LimitRow) => ({
  capacity,
  refillEveryMs,
  leased: counted === 'exact' ? 0 : counted.mostTokens,
});

const mapped = <A, B>(record: Readonly<Record<string, A>>, to: (value: A) => B) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));

export const k6Limits = (): string => {
  const policies = Object.fromEntries(
    limitLayers.flatMap((layer) =>
      limitGroups.map((group) => [`${layer}-${group}`, mapped(limits[layer][group], bucket)]),
    ),
  );
  const weights = mapped<RouteRow, number>(routes, ({ weight = 1 }) => weight);
  const plans = mapped<TierRow, unknown>(tiers, ({ ratePerSecond, burst }) => ({
    ratePerSecond,
    burst,
  }));
  return `${JSON.stringify({ refusal: problemPath('rate-limited'), policies, weights, plans }, null, 2)}\n`;
};
