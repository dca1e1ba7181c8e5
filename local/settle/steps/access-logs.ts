import { GetStageCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import { lastName } from '../resource.ts';
import { step } from '../step.ts';

const properties = z.object({
  RestApiId: z.string(),
  StageName: z.string(),
  /** The log group stands here by its name. */
  AccessLogSetting: z.object({ DestinationArn: z.string(), Format: z.string() }).optional(),
});

/** Where a stage writes a line about each request, and what. */
export const accessLogs = step({
  name: 'access log',
  type: 'AWS::ApiGateway::Stage',
  properties,
  wanted: ({ AccessLogSetting: asked }) =>
    asked ? { 'access log': lastName(asked.DestinationArn), 'access log line': asked.Format } : {},
  async read({ apiGateway }, { RestApiId: restApiId, StageName: stageName }) {
    const { accessLogSettings: found } = await apiGateway.send(
      new GetStageCommand({ restApiId, stageName }),
    );
    return {
      'access log': lastName(found?.destinationArn ?? ''),
      'access log line': found?.format,
    };
  },
  async apply(
    { apiGateway, logs },
    { RestApiId: restApiId, StageName: stageName, AccessLogSetting: asked },
  ) {
    if (!asked) return;
    const { logGroups = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: asked.DestinationArn }),
    );
    const group = logGroups.find(({ logGroupName }) => logGroupName === asked.DestinationArn);
    if (!group?.arn) throw new Error(`there is no log group ${asked.DestinationArn}`);
    await apiGateway.send(
      new UpdateStageCommand({
        restApiId,
        stageName,
        patchOperations: [
          // Log groups say their ARN with a pattern for their streams behind it.
          patch('/accessLogSettings/destinationArn', group.arn.replace(/:\*$/, '')),
          patch('/accessLogSettings/format', asked.Format),
        ],
      }),
    );
  },
});

const patch = (path: string, value: string) => ({ op: 'replace' as const, path, value });
