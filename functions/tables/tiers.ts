/**
 * What a tenant may ask of the gateway, by tier. Coarse, and best effort on AWS's side: a target,
 * not a ceiling (API Gateway documentation, "Throttle requests").
 */
export interface TierRow {
  /** Steady requests a second. */
  readonly ratePerSecond: number;
  /** Requests at once. */
  readonly burst: number;
  readonly quota: { readonly requests: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
}

export const tiers = {
  free: { ratePerSecond: 5, burst: 10, quota: { requests: 1_000, period: 'DAY' } },
  standard: { ratePerSecond: 50, burst: 100, quota: { requests: 100_000, period: 'DAY' } },
  partner: { ratePerSecond: 500, burst: 1_000, quota: { requests: 1_000_000, period: 'DAY' } },
} as const satisfies Record<string, TierRow>;

export type TierName = keyof typeof tiers;

/** The tenants of a demo stage, each with an API key in its tier's usage plan. `load` is for load tests. */
export const demoTenants = {
  acme: { tier: 'partner' },
  globex: { tier: 'standard' },
  initech: { tier: 'free' },
  load: { tier: 'partner' },
} as const satisfies Record<string, { tier: TierName }>;

export type DemoTenant = keyof typeof demoTenants;
