import { GetUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';

const properties = z.object({
  ApiStages: z.array(z.object({ ApiId: z.string(), Stage: z.string() })).default([]),
  Throttle: z.object({ RateLimit: z.number(), BurstLimit: z.number() }).optional(),
  Quota: z.object({ Limit: z.number(), Period: z.string() }).optional(),
});

/** What a tier may ask of the gateway. */
export const usagePlans = step({
  name: 'usage plan',
  type: 'AWS::ApiGateway::UsagePlan',
  properties,
  wanted: ({ ApiStages, Throttle, Quota }) => ({
    rate: Throttle?.RateLimit,
    burst: Throttle?.BurstLimit,
    quota: Quota && `${Quota.Limit} a ${Quota.Period}`,
    stages: ApiStages.map(({ ApiId, Stage }) => `${ApiId}/${Stage}`).join(),
  }),
  async read({ apiGateway }, _, { physicalId }) {
    const {
      apiStages = [],
      throttle,
      quota,
    } = await apiGateway.send(new GetUsagePlanCommand({ usagePlanId: physicalId }));
    return {
      rate: throttle?.rateLimit,
      burst: throttle?.burstLimit,
      quota: quota && `${quota.limit} a ${quota.period}`,
      stages: apiStages.map(({ apiId, stage }) => `${apiId}/${stage}`).join(),
    };
  },
});
