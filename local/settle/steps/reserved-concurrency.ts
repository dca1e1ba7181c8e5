import {
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { step } from '../step.ts';

/** The concurrency that is kept for a function and is its most; absent: whatever the account has. */
export const reservedConcurrency = step({
  name: 'reserved concurrency',
  type: 'AWS::Lambda::Function',
  properties: z.object({ ReservedConcurrentExecutions: z.number().optional() }),
  wanted: ({ ReservedConcurrentExecutions }) => ({
    'reserved concurrency': ReservedConcurrentExecutions,
  }),
  async read({ lambda }, _, { physicalId }) {
    const { ReservedConcurrentExecutions } = await lambda.send(
      new GetFunctionConcurrencyCommand({ FunctionName: physicalId }),
    );
    return { 'reserved concurrency': ReservedConcurrentExecutions };
  },
  apply: async ({ lambda }, { ReservedConcurrentExecutions: asked }, { physicalId }) =>
    asked !== undefined &&
    lambda.send(
      new PutFunctionConcurrencyCommand({
        FunctionName: physicalId,
        ReservedConcurrentExecutions: asked,
      }),
    ),
});
