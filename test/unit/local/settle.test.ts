import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Resource, toResources } from '#local/settle/resource.ts';
import { NotSettledError, settle } from '#local/settle/settle.ts';
import { type Clients, type Settings, type Step, step } from '#local/settle/step.ts';
import { everyStep } from '#local/settle/steps.ts';

const ids = new Map([
  ['orders', 'http://127.0.0.1:4566/000000000000/orders'],
  ['buried', 'http://127.0.0.1:4566/000000000000/orders-dlq'],
  ['api', 'abc123'],
  ['method', 'abc123-xyz-POST'],
]);

/** The one resource of a template of its own, under its references. */
function resource(type: string, properties: Record<string, unknown>, logicalId = 'orders') {
  const [found] = toResources(
    { Resources: { [logicalId]: { Type: type, Properties: properties } } },
    ids,
  );
  if (!found) throw new Error('a template of one resource gives one');
  return found;
}

const wantedBy = (name: string, of: Resource): Settings => {
  const found = everyStep.find((one) => one.name === name);
  if (!found) throw new Error(`there is no step '${name}'`);
  return found.wanted(of);
};

describe('a template', () => {
  it('names deployed things by what they are called', () => {
    const { properties } = resource('AWS::ApiGateway::Method', {
      RestApiId: { Ref: 'api' },
      ResourceId: { 'Fn::GetAtt': ['api', 'RootResourceId'] },
      Redrive: { to: [{ 'Fn::GetAtt': ['buried', 'Arn'] }] },
      Elsewhere: { 'Fn::ImportValue': 'other:export' },
      Region: { Ref: 'AWS::Region' },
    });
    expect(properties).toEqual({
      RestApiId: 'abc123',
      ResourceId: 'abc123.RootResourceId',
      Redrive: { to: [ids.get('buried')] },
      Elsewhere: { 'Fn::ImportValue': 'other:export' },
      Region: { Ref: 'AWS::Region' },
    });
  });

  it('with a resource that was not deployed is an error that names it', () => {
    expect(() => resource('AWS::SQS::Queue', {}, 'forgotten')).toThrow(
      'forgotten (AWS::SQS::Queue) was not deployed',
    );
  });
});

describe('what a template asks for', () => {
  const api = { RestApiId: 'abc123', StageName: 'v1' };

  it.each([
    [
      'time to live',
      'AWS::DynamoDB::Table',
      { TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
      { 'time to live': 'ttl' },
    ],
    // A table that must never forget is asked about as well.
    ['time to live', 'AWS::DynamoDB::Table', {}, { 'time to live': 'off' }],
    [
      'point-in-time recovery',
      'AWS::DynamoDB::Table',
      { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      { 'point-in-time recovery': 'ENABLED' },
    ],
    [
      'encryption',
      'AWS::DynamoDB::Table',
      { SSESpecification: { SSEEnabled: true } },
      { 'encryption by an account key': 'ENABLED' },
    ],
    ['encryption', 'AWS::DynamoDB::Table', {}, {}],
    [
      'reserved concurrency',
      'AWS::Lambda::Function',
      { ReservedConcurrentExecutions: 0 },
      { 'reserved concurrency': 0 },
    ],
    ['reserved concurrency', 'AWS::Lambda::Function', {}, { 'reserved concurrency': undefined }],
    [
      'queue',
      'AWS::SQS::Queue',
      {
        VisibilityTimeout: 120,
        MessageRetentionPeriod: 600,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': ['buried', 'Arn'] },
          maxReceiveCount: 9,
        },
      },
      {
        'visibility timeout': 120,
        retention: 600,
        encrypted: true,
        redrive: 'after 9 receives to orders-dlq',
      },
    ],
    [
      'stage throttle',
      'AWS::ApiGateway::Stage',
      {
        ...api,
        MethodSettings: [
          { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 9, ThrottlingBurstLimit: 3 },
          { ResourcePath: '/~1orders~1{id}', HttpMethod: 'GET', ThrottlingRateLimit: 5 },
          { ResourcePath: '/~1health', HttpMethod: 'GET' },
        ],
      },
      {
        '*/* rate': 9,
        '*/* burst': 3,
        'orders/{id}/GET rate': 5,
        'orders/{id}/GET burst': undefined,
      },
    ],
    [
      'request validator',
      'AWS::ApiGateway::Method',
      { RestApiId: 'abc123', ResourceId: 'r', HttpMethod: 'POST', RequestValidatorId: 'v' },
      { 'request validator': 'v' },
    ],
    [
      'access log',
      'AWS::ApiGateway::Stage',
      { ...api, AccessLogSetting: { DestinationArn: '/aws/apigateway/calls', Format: '{}' } },
      { 'access log': 'calls', 'access log line': '{}' },
    ],
  ])('as %s of %s %j is %j', (name, type, properties, expected) => {
    expect(wantedBy(name, resource(type, properties))).toEqual(expected);
  });

  it('is not guessed at: a property in another form is an error', () => {
    const odd = resource('AWS::DynamoDB::Table', { TimeToLiveSpecification: 'ttl' });
    expect(() => wantedBy('time to live', odd)).toThrow(z.ZodError);
  });
});

describe('a log group that an engine keeps for ever', () => {
  it('is kept as long as its template says', async () => {
    const logs = mockClient(CloudWatchLogsClient);
    let retentionInDays: number | undefined;
    logs.on(DescribeLogGroupsCommand).callsFake(() => ({
      logGroups: [
        { logGroupName: '/orders-too', retentionInDays: 1 },
        { logGroupName: '/orders', retentionInDays },
      ],
    }));
    logs.on(PutRetentionPolicyCommand, { logGroupName: '/orders' }).callsFake((put) => {
      retentionInDays = put.retentionInDays;
    });
    const group: Resource = {
      type: 'AWS::Logs::LogGroup',
      physicalId: '/orders',
      properties: { RetentionInDays: 7 },
    };
    const clients = { logs: new CloudWatchLogsClient({ region: 'us-east-1' }) } as Clients;
    const steps = everyStep.filter(({ name }) => name === 'log group');

    expect(await settle({ resources: [group], clients, steps })).toEqual([
      { step: 'log group', resource: '/orders', setting: 'days kept', wanted: 7, found: undefined },
    ]);
    expect(await settle({ resources: [group], clients, steps })).toEqual([]);
  });
});

describe('settling', () => {
  const nobody = {} as Clients;
  const lamp: Resource = { type: 'Lamp', physicalId: 'lamp-1', properties: { On: true, Watts: 5 } };

  /** A house in which lamps stay off, and as bright as they please, until somebody sees to them. */
  function house({ watts = 5 } = {}) {
    const switched = new Map<string, boolean>();
    const lights = step({
      name: 'light',
      type: 'Lamp',
      properties: z.object({ On: z.boolean() }),
      wanted: ({ On }) => ({ on: On }),
      read: async (_, __, { physicalId }) => ({ on: switched.get(physicalId) ?? false }),
      apply: async (_, { On }, { physicalId }) => switched.set(physicalId, On),
    });
    const brightness = step({
      name: 'brightness',
      type: 'Lamp',
      properties: z.object({ Watts: z.number() }),
      wanted: ({ Watts }) => ({ watts: Watts }),
      read: async () => ({ watts }),
    });
    return { lights, brightness, steps: [lights, brightness] satisfies Step[] };
  }

  it('puts right what differs, says so, and finds nothing the second time', async () => {
    const { steps } = house();
    const once = { resources: [lamp], clients: nobody, steps };
    expect(await settle(once)).toEqual([
      { step: 'light', resource: 'lamp-1', setting: 'on', wanted: true, found: false },
    ]);
    expect(await settle(once)).toEqual([]);
  });

  it('notices a step that was left out, by reading back', async () => {
    const { steps } = house();
    const left = settle({ resources: [lamp], clients: nobody, steps, applied: [] });
    await expect(left).rejects.toThrow(NotSettledError);
    await expect(left).rejects.toThrow('lamp-1: on is false, wanted true (light)');
  });

  it('notices what the engine got wrong and nothing can mend', async () => {
    const { steps } = house({ watts: 60 });
    await expect(settle({ resources: [lamp], clients: nobody, steps })).rejects.toMatchObject({
      differences: [{ resource: 'lamp-1', setting: 'watts', wanted: 5, found: 60 }],
    });
  });

  it('looks at resources of its kind only', async () => {
    const { steps } = house();
    const chair: Resource = { type: 'Chair', physicalId: 'chair-1', properties: {} };
    expect(await settle({ resources: [chair], clients: nobody, steps })).toEqual([]);
  });

  it('says of whom when something cannot be read', async () => {
    const broken = step({
      name: 'light',
      type: 'Lamp',
      properties: z.object({}),
      wanted: () => ({ on: true }),
      read: () => Promise.reject(new Error('no such lamp')),
    });
    await expect(settle({ resources: [lamp], clients: nobody, steps: [broken] })).rejects.toThrow(
      'light of lamp-1 (Lamp) cannot be read: no such lamp',
    );
  });
});
