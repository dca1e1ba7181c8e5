/** What each tier may ask of the gateway, and the keys of the demo tenants. */
import { ApiKey, Period, type RestApi, type UsagePlan } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { resourceName } from '#functions/tables/names.ts';
import { demoTenants, type TierName, tiers } from '#functions/tables/tiers.ts';
import type { HoldfastProps } from '../props.ts';

export interface UsagePlansProps extends HoldfastProps {
  readonly api: RestApi;
}

/** One plan a tier. Gateway and owner know the values of the keys; no template does. */
export class UsagePlans extends Construct {
  constructor(scope: Construct, id: string, { stage, config, api }: UsagePlansProps) {
    super(scope, id);
    const plans = {} as Record<TierName, UsagePlan>;
    for (const [tier, { ratePerSecond, burst, quota }] of Object.entries(tiers))
      plans[tier as TierName] = api.addUsagePlan(`plan-${tier}`, {
        name: resourceName(stage, tier),
        apiStages: [{ stage: api.deploymentStage }],
        throttle: { rateLimit: ratePerSecond, burstLimit: burst },
        quota: { limit: quota.requests, period: Period[quota.period] },
      });
    if (!config.demoTenants) return;
    for (const [tenant, { tier }] of Object.entries(demoTenants)) {
      const apiKeyName = resourceName(stage, tenant);
      plans[tier].addApiKey(new ApiKey(this, `key-${tenant}`, { apiKeyName, enabled: true }));
    }
  }
}
