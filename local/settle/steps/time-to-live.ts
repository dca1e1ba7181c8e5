import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { step } from '../step.ts';

const properties = z.object({
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});

/** The attribute by which a table forgets items, or none: a table of leases must not have one. */
export const timeToLive = step({
  name: 'time to live',
  type: 'AWS::DynamoDB::Table',
  properties,
  wanted: ({ TimeToLiveSpecification: asked }) => ({
    'time to live': asked?.Enabled ? asked.AttributeName : 'off',
  }),
  async read({ dynamodb }, _, { physicalId }) {
    const { TimeToLiveDescription: found } = await dynamodb.send(
      new DescribeTimeToLiveCommand({ TableName: physicalId }),
    );
    const isOn = found?.TimeToLiveStatus === 'ENABLED' || found?.TimeToLiveStatus === 'ENABLING';
    return { 'time to live': isOn ? found?.AttributeName : 'off' };
  },
  apply: async ({ dynamodb }, { TimeToLiveSpecification: asked }, { physicalId }) =>
    asked &&
    dynamodb.send(
      new UpdateTimeToLiveCommand({ TableName: physicalId, TimeToLiveSpecification: asked }),
    ),
});
