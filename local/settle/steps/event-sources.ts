import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { lastName } from '../resource.ts';
import { step } from '../step.ts';

const properties = z.object({
  FunctionName: z.string(),
  BatchSize: z.number(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string().optional() })) })
    .default({ Filters: [] }),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
  StartingPosition: z.string().optional(),
  MaximumRetryAttempts: z.number().optional(),
  MaximumRecordAgeInSeconds: z.number().optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }) }).optional(),
});

/** What of a queue or a stream starts a function, how much at once, and how failures are reported. */
export const eventSources = step({
  name: 'event source',
  type: 'AWS::Lambda::EventSourceMapping',
  properties,
  wanted: (mapping) => ({
    function: mapping.FunctionName,
    state: 'Enabled',
    'batch size': mapping.BatchSize,
    'failure report': mapping.FunctionResponseTypes.join(),
    filters: patternsOf(mapping.FilterCriteria.Filters),
    'maximum concurrency': mapping.ScalingConfig?.MaximumConcurrency,
    ...(mapping.StartingPosition && {
      start: mapping.StartingPosition,
      retries: mapping.MaximumRetryAttempts,
      'maximum record age': mapping.MaximumRecordAgeInSeconds,
      'bisect on error': mapping.BisectBatchOnFunctionError,
      'told on failure': lastName(mapping.DestinationConfig?.OnFailure.Destination ?? ''),
    }),
  }),
  async read({ lambda }, _, { physicalId }) {
    const found = await lambda.send(new GetEventSourceMappingCommand({ UUID: physicalId }));
    return {
      function: lastName(found.FunctionArn ?? ''),
      state: found.State,
      'batch size': found.BatchSize,
      'failure report': (found.FunctionResponseTypes ?? []).join(),
      filters: patternsOf(found.FilterCriteria?.Filters),
      'maximum concurrency': found.ScalingConfig?.MaximumConcurrency,
      start: found.StartingPosition,
      retries: found.MaximumRetryAttempts,
      'maximum record age': found.MaximumRecordAgeInSeconds,
      'bisect on error': found.BisectBatchOnFunctionError,
      'told on failure': lastName(found.DestinationConfig?.OnFailure?.Destination ?? ''),
    };
  },
});

const patternsOf = (filters: readonly { readonly Pattern?: string | undefined }[] = []): string =>
  filters.map(({ Pattern }) => Pattern).join(' ');
