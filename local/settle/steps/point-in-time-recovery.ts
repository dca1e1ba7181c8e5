import {
  DescribeContinuousBackupsCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { step } from '../step.ts';

const properties = z.object({
  PointInTimeRecoverySpecification: z
    .object({ PointInTimeRecoveryEnabled: z.boolean() })
    .optional(),
});

export const pointInTimeRecovery = step({
  name: 'point-in-time recovery',
  type: 'AWS::DynamoDB::Table',
  properties,
  wanted: ({ PointInTimeRecoverySpecification: asked }) => ({
    'point-in-time recovery': asked?.PointInTimeRecoveryEnabled ? 'ENABLED' : 'DISABLED',
  }),
  async read({ dynamodb }, _, { physicalId }) {
    const { ContinuousBackupsDescription: found } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName: physicalId }),
    );
    return {
      'point-in-time recovery':
        found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus ?? 'DISABLED',
    };
  },
  apply: async ({ dynamodb }, { PointInTimeRecoverySpecification: asked }, { physicalId }) =>
    asked &&
    dynamodb.send(
      new UpdateContinuousBackupsCommand({
        TableName: physicalId,
        PointInTimeRecoverySpecification: asked,
      }),
    ),
});
