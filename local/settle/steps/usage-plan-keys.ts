import { GetUsagePlanKeysCommand } from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';

/** The keys of a usage plan: a key in none is refused. */
export const usagePlanKeys = step({
  name: 'usage plan key',
  type: 'AWS::ApiGateway::UsagePlanKey',
  properties: z.object({ KeyId: z.string(), UsagePlanId: z.string() }),
  wanted: ({ KeyId, UsagePlanId }) => ({ [`plan ${UsagePlanId} has key ${KeyId}`]: true }),
  async read({ apiGateway }, { KeyId, UsagePlanId }) {
    const { items = [] } = await apiGateway.send(
      new GetUsagePlanKeysCommand({ usagePlanId: UsagePlanId, limit: 500 }),
    );
    return { [`plan ${UsagePlanId} has key ${KeyId}`]: items.some(({ id }) => id === KeyId) };
  },
});
