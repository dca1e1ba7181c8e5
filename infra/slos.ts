/**
 * What callers may count on, by route. Load tests are held to it (k6/generated/thresholds.json) and
 * docs/slo.md says it in words; both are written by infra/generate.ts.
 */
import type { RouteName } from '#functions/tables/routes.ts';

export interface SloRow {
  readonly means: string;
  /** Share of answers that are no fault of ours (below 500). */
  readonly availabilityRatio: number;
  /** 95 of 100 answers arrive within this, measured at the gateway. */
  readonly p95Ms: number;
}

/** Long enough to forgive one bad hour, short enough to act on. Whole weeks, because traffic is weekly. */
export const sloWindowDays = 28;

export const slos = {
  'create-order': { means: 'An order is placed.', availabilityRatio: 0.999, p95Ms: 500 },
  'get-order': { means: 'An order is read.', availabilityRatio: 0.999, p95Ms: 300 },
  'list-orders': { means: 'A page of orders is read.', availabilityRatio: 0.999, p95Ms: 300 },
} as const satisfies Partial<Record<RouteName, SloRow>>;

/** The share of answers that may be faults: 0.001, and not 0.0010000000000000009. */
export const errorBudgetRatio = ({ availabilityRatio }: SloRow): number =>
  Number((1 - availabilityRatio).toPrecision(6));
