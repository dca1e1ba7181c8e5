import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployedResources } from '#local/settle/deployed.ts';
import type { Resource } from '#local/settle/resource.ts';
import { NotSettledError, settle } from '#local/settle/settle.ts';
import { everyStep } from '#local/settle/steps.ts';
import { settleClients } from '#local/stack.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';

const ref = (logicalId: string) => ({ Ref: logicalId });
const api = { RestApiId: ref('api') };

/** One of each thing of which an engine drops a part. */
const template = {
  Resources: {
    table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      },
    },
    log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
    function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: 'exports.handler = async () => {};' },
        Role: 'arn:aws:iam::000000000000:role/any',
        Timeout: 5,
        MemorySize: 128,
        LoggingConfig: { LogGroup: ref('log') },
        Environment: { Variables: { NAME: 'value' } },
        ReservedConcurrentExecutions: 2,
      },
    },
    api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'settled' } },
    path: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        ...api,
        ParentId: { 'Fn::GetAtt': ['api', 'RootResourceId'] },
        PathPart: 'orders',
      },
    },
    validator: {
      Type: 'AWS::ApiGateway::RequestValidator',
      Properties: { ...api, ValidateRequestBody: true },
    },
    method: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...api,
        ResourceId: ref('path'),
        HttpMethod: 'POST',
        AuthorizationType: 'NONE',
        RequestValidatorId: ref('validator'),
        Integration: { Type: 'MOCK' },
      },
    },
    root: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...api,
        ResourceId: { 'Fn::GetAtt': ['api', 'RootResourceId'] },
        HttpMethod: 'GET',
        AuthorizationType: 'NONE',
        ApiKeyRequired: true,
        Integration: { Type: 'MOCK' },
      },
    },
    deployment: {
      Type: 'AWS::ApiGateway::Deployment',
      DependsOn: ['method', 'root'],
      Properties: api,
    },
    stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        ...api,
        StageName: 'v1',
        DeploymentId: ref('deployment'),
        AccessLogSetting: { DestinationArn: { 'Fn::GetAtt': ['log', 'Arn'] }, Format: '{}' },
        MethodSettings: [
          {
            ResourcePath: '/*',
            HttpMethod: '*',
            ThrottlingRateLimit: 90,
            ThrottlingBurstLimit: 30,
          },
          {
            ResourcePath: '/~1orders',
            HttpMethod: 'POST',
            ThrottlingRateLimit: 5,
            ThrottlingBurstLimit: 7,
          },
        ],
      },
    },
  },
};

/** The names of the steps whose settings are missing when only these steps may change anything. */
async function missing(resources: readonly Resource[], names: readonly string[]) {
  const applied = everyStep.filter(({ name }) => names.includes(name));
  try {
    await settle({ resources, clients: settleClients(), applied });
    return [];
  } catch (error) {
    if (!(error instanceof NotSettledError)) throw error;
    return [...new Set(error.differences.map(({ step }) => step))];
  }
}

describe('on the engine, settling', () => {
  let resources: readonly Resource[];

  beforeAll(async () => {
    const client = new CloudFormationClient(clientOptions(patience));
    const stackName = 'settled';
    await client.send(
      new CreateStackCommand({ StackName: stackName, TemplateBody: JSON.stringify(template) }),
    );
    await waitUntilStackCreateComplete(
      { client, maxWaitTime: 15, minDelay: 1 },
      { StackName: stackName },
    );
    resources = await deployedResources([{ stackName, template }], client);
  });

  // What MiniStack drops. A row that is missing here is one that the engine has come to honour.
  const dropped = [
    'encryption',
    'time to live',
    'point-in-time recovery',
    'reserved concurrency',
    'request validator',
    'stage throttle',
    'access log',
  ];

  it('finds everything that the engine dropped, one step after the other', async () => {
    for (const [at] of dropped.entries())
      expect(await missing(resources, dropped.slice(0, at))).toEqual(dropped.slice(at));
  });

  it('puts it right, and leaves it so', async () => {
    expect(await missing(resources, dropped)).toEqual([]);
    expect(await settle({ resources, clients: settleClients() })).toEqual([]);
  });
});
