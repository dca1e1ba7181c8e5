import {
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import { step } from '../step.ts';

/** How long a log is kept. */
export const logGroups = step({
  name: 'log group',
  type: 'AWS::Logs::LogGroup',
  properties: z.object({ RetentionInDays: z.number().optional() }),
  wanted: ({ RetentionInDays }) => ({ 'days kept': RetentionInDays }),
  async read({ logs }, _, { physicalId }) {
    const { logGroups: found = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: physicalId }),
    );
    const group = found.find(({ logGroupName }) => logGroupName === physicalId);
    return { 'days kept': group?.retentionInDays };
  },
  apply: async ({ logs }, { RetentionInDays: retentionInDays }, { physicalId: logGroupName }) =>
    retentionInDays !== undefined &&
    logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays })),
});
