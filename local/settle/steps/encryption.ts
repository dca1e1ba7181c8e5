import { DescribeTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { step } from '../step.ts';

/** Encryption of a table by a key of the account. */
export const encryption = step({
  name: 'encryption',
  type: 'AWS::DynamoDB::Table',
  properties: z.object({ SSESpecification: z.object({ SSEEnabled: z.boolean() }).optional() }),
  wanted: ({ SSESpecification }) =>
    SSESpecification?.SSEEnabled ? { 'encryption by an account key': 'ENABLED' } : {},
  async read({ dynamodb }, _, { physicalId }) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: physicalId }));
    return { 'encryption by an account key': Table?.SSEDescription?.Status };
  },
  apply: ({ dynamodb }, _, { physicalId }) =>
    dynamodb.send(
      new UpdateTableCommand({ TableName: physicalId, SSESpecification: { Enabled: true } }),
    ),
});
