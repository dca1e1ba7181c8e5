/** Each rule against a template that breaks it: a rule that convicts nobody proves nothing. */
import { describe, expect, it } from 'vitest';
import {
  differingTypes,
  mostResources,
  type Resource,
  rules,
  strayMethods,
  type Template,
  unwatchedDeadLetters,
  unwatchedFunctions,
} from './rules.ts';

const template = (Resources: Record<string, Resource>): Template => ({ Resources });

const policy = (statement: object): Resource => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } },
});
const role: Resource = { Type: 'AWS::IAM::Role', Properties: {} };
const lambda = (properties: object = {}): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: properties,
});
const queue = (properties: object): Resource => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
});
const redriveTo = (id: string) => ({
  deadLetterTargetArn: { 'Fn::GetAtt': [id, 'Arn'] },
  maxReceiveCount: 3,
});
const alarm = (properties: object): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmActions: ['topic'], ...properties },
});

const convicted: Record<keyof typeof rules, readonly (readonly [Template, string])[]> = {
  wildcardActions: [
    [template({ p: policy({ Action: ['s3:Get*'], Resource: 'arn' }) }), 'p allows s3:Get*'],
    [
      template({
        r: {
          Type: 'AWS::IAM::Role',
          Properties: {
            Policies: [{ PolicyDocument: { Statement: { Effect: 'Allow', Action: '*' } } }],
          },
        },
      }),
      'r allows *',
    ],
  ],
  bareStarResources: [
    [
      template({ p: policy({ Action: 'sqs:SendMessage', Resource: '*' }) }),
      'p allows sqs:SendMessage on everything',
    ],
    [
      template({
        p: policy({ Action: ['xray:PutTraceSegments', 'dynamodb:PutItem'], Resource: ['*'] }),
      }),
      'p allows dynamodb:PutItem on everything',
    ],
  ],
  sharedRoles: [
    [template({ f: lambda({ Role: 'arn:of:another' }) }), 'f has no role of its own'],
    [
      template({
        role,
        f: lambda({ Role: { Ref: 'role' } }),
        g: lambda({ Role: { Ref: 'role' } }),
      }),
      'g has the role of f',
    ],
  ],
  managedPolicies: [
    [
      template({
        r: { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: ['arn'] } },
        f: lambda({ Role: { 'Fn::GetAtt': ['r', 'Arn'] } }),
      }),
      'r has a managed policy',
    ],
  ],
  unkeptLogs: [
    [template({ f: lambda() }), 'f has no log group with a retention'],
    [
      template({
        logs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
        f: lambda({ LoggingConfig: { LogGroup: { Ref: 'logs' } } }),
      }),
      'f has no log group with a retention',
    ],
  ],
  unprotectedTables: [
    [
      template({
        t: {
          Type: 'AWS::DynamoDB::Table',
          Properties: { TableName: 't', SSESpecification: { SSEEnabled: true } },
        },
      }),
      't has no point-in-time recovery',
    ],
    [
      template({
        t: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 't',
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        },
      }),
      't does not state its encryption',
    ],
    [
      template({
        t: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            SSESpecification: { SSEEnabled: true },
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        },
      }),
      't has no name of its own',
    ],
  ],
  endlessQueues: [
    [template({ q: queue({ MessageRetentionPeriod: 60 }) }), 'q has no dead-letter queue'],
    [
      template({
        q: queue({ MessageRetentionPeriod: 60, RedrivePolicy: redriveTo('d') }),
        d: queue({ MessageRetentionPeriod: 60 }),
      }),
      'd does not keep letters longer than q',
    ],
  ],
  openQueues: [
    [
      template({
        q: queue({ SqsManagedSseEnabled: false }),
        p: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            Queues: [{ Ref: 'q' }],
            PolicyDocument: {
              Statement: [
                { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
              ],
            },
          },
        },
      }),
      'q is not encrypted',
    ],
    [template({ q: queue({ SqsManagedSseEnabled: true }) }), 'q accepts calls without TLS'],
  ],
  valuesOfSecrets: [
    [
      template({ s: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'x' } } }),
      's has its value in the template',
    ],
    [
      template({ k: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Value: 'x' } } }),
      'k has its value in the template',
    ],
  ],
  customResources: [[template({ c: { Type: 'Custom::AWS' } }), 'c is a Custom::AWS']],
  crowdedStacks: [
    [
      template(
        Object.fromEntries(Array.from({ length: mostResources }, (_, i) => [`r${i}`, role])),
      ),
      '450 resources in one stack',
    ],
  ],
  testInvocations: [
    [
      template({
        p: {
          Type: 'AWS::Lambda::Permission',
          Properties: { SourceArn: { 'Fn::Join': ['', ['arn:/', 'test-invoke-stage/GET/']] } },
        },
      }),
      'p lets the console call past the stage',
    ],
  ],
};

describe('the rules for templates', () => {
  it.each(
    Object.entries(convicted).flatMap(([name, cases]) =>
      cases.map(([bad, violation]) => [name as keyof typeof rules, violation, bad] as const),
    ),
  )('%s convicts: %s', (name, violation, bad) => {
    expect(rules[name](bad)).toEqual([violation]);
  });

  it.each(Object.entries(rules))('%s finds nothing where there is nothing', (_, rule) => {
    expect(rule(template({}))).toEqual([]);
  });

  const f = template({ f: lambda({ FunctionName: 'f' }) });
  const errorsOf = (name: string) => ({
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: name }],
  });

  it.each([
    ['there is no alarm', {}],
    ['the alarm is on another function', { a: alarm(errorsOf('g')) }],
    ['the alarm is on another metric', { a: alarm({ ...errorsOf('f'), MetricName: 'Duration' }) }],
    ['the alarm speaks to nobody', { a: alarm({ ...errorsOf('f'), AlarmActions: [] }) }],
    ['the alarm is switched off', { a: alarm({ ...errorsOf('f'), ActionsEnabled: false }) }],
  ])('unwatchedFunctions convicts a function when %s', (_, alarms) => {
    expect(unwatchedFunctions(f, template(alarms))).toEqual(['f has no alarm on its errors']);
  });

  it('unwatchedFunctions passes a function with its alarm', () => {
    expect(unwatchedFunctions(f, template({ a: alarm(errorsOf('f')) }))).toEqual([]);
  });

  it('unwatchedDeadLetters convicts a dead-letter queue whose queue is watched in its place', () => {
    const service = template({
      q: queue({ QueueName: 'q', RedrivePolicy: redriveTo('d') }),
      d: queue({ QueueName: 'd' }),
    });
    const depthOf = (name: string) =>
      alarm({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: name }],
      });
    expect(unwatchedDeadLetters(service, template({ a: depthOf('q') }))).toEqual([
      'd has no alarm on its depth',
    ]);
    expect(unwatchedDeadLetters(service, template({ a: depthOf('d') }))).toEqual([]);
  });

  it('strayMethods names what is missing, what is extra, and each key that is wrong', () => {
    const method = (HttpMethod: string, ApiKeyRequired: boolean): Resource => ({
      Type: 'AWS::ApiGateway::Method',
      Properties: { HttpMethod, ApiKeyRequired, ResourceId: { Ref: 'child' } },
    });
    const resource = (PathPart: string, ParentId: object): Resource => ({
      Type: 'AWS::ApiGateway::Resource',
      Properties: { PathPart, ParentId },
    });
    const api = template({
      parent: resource('orders', { 'Fn::GetAtt': ['api', 'RootResourceId'] }),
      child: resource('{id}', { Ref: 'parent' }),
      get: method('GET', false),
      put: method('PUT', true),
      remove: method('DELETE', true),
      preflight: method('OPTIONS', false),
    });
    expect(
      strayMethods(api, {
        'GET /orders/{id}': true,
        'PUT /orders/{id}': false,
        'POST /orders/{id}': true,
      }),
    ).toEqual([
      'GET /orders/{id} needs no API key',
      'PUT /orders/{id} needs an API key',
      'DELETE /orders/{id} is in no table',
      'POST /orders/{id} is not deployed',
    ]);
  });

  it('differingTypes names a type that one side has more of', () => {
    const one = template({ a: role, q: queue({}) });
    const two = template({ a: role, b: role, q: queue({}) });
    expect(differingTypes([one], [two])).toEqual(['AWS::IAM::Role']);
    expect(differingTypes([two], [two])).toEqual([]);
  });
});
