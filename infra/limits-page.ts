/** docs/limits.md, from the tables. */
import {
  insuredRatio,
  type LimitLayer,
  type LimitRow,
  limitGroups,
  limitLayers,
  limits,
  policyOf,
} from '#functions/tables/limits.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { demoTenants, type TierRow, tiers } from '#functions/tables/tiers.ts';
import { keylessThrottle, stageThrottle } from './gateway.ts';

const whole = (number: number): string => number.toLocaleString('en');

const rate = ({ refillEveryMs }: LimitRow): string =>
  `${Number((1000 / refillEveryMs).toFixed(2)).toLocaleString('en')} /s`;

const counted = ({ counted: how }: LimitRow): string =>
  how === 'exact' ? 'exactly' : `leased, up to ${how.mostTokens}`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const means: Readonly<Record<LimitLayer, string>> = {
  user: 'One user of one tenant, by role.',
  ip: 'One address, or one /64 of IPv6: of callers whose token was accepted (`known`), and of all others (`anonymous`).',
  tenant:
    'All users of one tenant together, by plan. A tenant that is not in the table is `standard`.',
  global: 'All callers together.',
};

const ofLayer = (layer: LimitLayer): string =>
  `## ${layer}

${means[layer]}

${table(
  ['policy', 'tier', 'rate', 'burst', 'counted', 'because'],
  limitGroups.flatMap((group) =>
    Object.entries<LimitRow>(limits[layer][group]).map(([tier, row]) => [
      `\`${policyOf(layer, group, tier)}\``,
      tier,
      rate(row),
      whole(row.capacity),
      counted(row),
      row.because,
    ]),
  ),
)}`;

const ofGateway = (): string =>
  table(
    ['plan', 'rate', 'burst', 'quota', 'demo tenants'],
    Object.entries<TierRow>(tiers).map(([plan, { ratePerSecond, burst, quota }]) => [
      plan,
      `${whole(ratePerSecond)} /s`,
      whole(burst),
      `${whole(quota.requests)} a ${quota.period.toLowerCase()}`,
      Object.entries(demoTenants)
        .filter(([, { tier }]) => tier === plan)
        .map(([tenant]) => tenant)
        .join(', '),
    ]),
  );

const ofRoutes = (): string =>
  table(
    ['call', 'group', 'cost', 'priority', 'while the store of the limits is down'],
    Object.values<RouteRow>(routes)
      .filter(({ limitGroup }) => limitGroup !== 'none')
      .map(({ method, path, limitGroup, weight = 1, priority, limitsDown = 'insurance' }) => [
        `\`${method} ${path}\``,
        limitGroup,
        String(weight),
        priority,
        limitsDown,
      ]),
  );

const withoutLimits = (): string =>
  Object.values<RouteRow>(routes)
    .filter(({ limitGroup }) => limitGroup === 'none')
    .map(({ method, path }) => `\`${method} ${path}\``)
    .join(', ');

export const limitsPage =
  (): string => `<!-- Written by \`node infra/generate.ts\` from functions/tables/{limits,routes,tiers}.ts. -->

# Limits

A call passes four limits of the service, narrowest first, and takes its route's cost from each. What each is for,
how they are counted and what a caller is told: [patterns/rate-limit.md](patterns/rate-limit.md). Before them the gateway has
limits of its own, by API key.

*Rate* is what comes back, *burst* what a full bucket holds: over any time, a limit lets in at most its burst and what came back
meanwhile. Counted *exactly*, that is all. *Leased*, each environment of a function may let in as many more, at most, as it can
lease at once: with 20 environments at work, \`ip-write\` of 500 lets in up to 500 + 20 × 20 in its worst moment, and its rate
after it. Clocks that differ let in as much more as comes back in the difference.

${limitLayers.map(ofLayer).join('\n\n')}

## What calls cost

A call is counted as soon as its caller is known, and before it is looked at: one that turns out to be invalid costs as much, and so
does one that its caller's role may not make, or that names another tenant.

What is refused before its caller is known costs 1 of \`anonymous\`, at its address: headers or a body that are too large, a body that
is not sent as plain JSON, an \`x-deadline-ms\` that is none, and a token that is missing, refused, without a tenant or for a reserved
one. Only two answers to a limited call cost nothing: 503 \`overloaded\`, and what fails before it could be counted.

${ofRoutes()}

No limit counts ${withoutLimits()}.

*open* lets the call pass, *closed* answers 503 \`dependency-unavailable\`, *insurance* counts in memory: each environment allows
${Math.round(insuredRatio * 100)} % of each limit by itself, and one call at least.

## At the gateway

By API key, for reads and writes together; best effort, as AWS says of it: a target, not a ceiling.

${ofGateway()}

All keys together, each method by itself: ${whole(stageThrottle.ratePerSecond)} /s, burst ${whole(stageThrottle.burst)}. Each method that asks for no key:
${whole(keylessThrottle.ratePerSecond)} /s, burst ${whole(keylessThrottle.burst)}.
`;
