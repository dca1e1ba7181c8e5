import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { step } from '../step.ts';

const properties = z.object({
  Runtime: z.string(),
  Handler: z.string(),
  Timeout: z.number(),
  MemorySize: z.number(),
  LoggingConfig: z.object({ LogGroup: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const namesOf = (variables: object = {}): string => Object.keys(variables).sort().join(' ');

/** What a function runs with: limits, runtime, log, and the names of its variables. */
export const functions = step({
  name: 'function',
  type: 'AWS::Lambda::Function',
  properties,
  wanted: ({ Runtime, Handler, Timeout, MemorySize, LoggingConfig, Environment }) => ({
    runtime: Runtime,
    handler: Handler,
    timeout: Timeout,
    memory: MemorySize,
    'log group': LoggingConfig.LogGroup,
    environment: namesOf(Environment.Variables),
  }),
  async read({ lambda }, _, { physicalId }) {
    const found = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: physicalId }),
    );
    return {
      runtime: found.Runtime,
      handler: found.Handler,
      timeout: found.Timeout,
      memory: found.MemorySize,
      'log group': found.LoggingConfig?.LogGroup,
      environment: namesOf(found.Environment?.Variables),
    };
  },
});
