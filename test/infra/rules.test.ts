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

const forThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
const trusting = (statement: object): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }],
    },
  },
});
const invocation = (properties: object): Resource => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', ...properties },
});
const apiStageOf = (settings: object): Resource => ({
  Type: 'AWS::ApiGateway::Stage',
  Properties: { MethodSettings: [settings] },
});
const executionLogs: Resource = {
  Type: 'AWS::Logs::LogGroup',
  Properties: {
    LogGroupName: { 'Fn::Join': ['', ['API-Gateway-Execution-Logs_', { Ref: 'api' }, '/v1']] },
    RetentionInDays: 30,
  },
};

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
      'r has the policy arn',
    ],
    [
      template({
        r: {
          Type: 'AWS::IAM::Role',
          Properties: {
            ManagedPolicyArns: [
              {
                'Fn::Join': [
                  '',
                  ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/PowerUserAccess'],
                ],
              },
            ],
          },
        },
      }),
      'r has the policy PowerUserAccess',
    ],
    [
      template({
        r: {
          Type: 'AWS::IAM::Role',
          Properties: {
            ManagedPolicyArns: [
              'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
            ],
          },
        },
        f: lambda({ Role: { 'Fn::GetAtt': ['r', 'Arn'] } }),
      }),
      'r has the policy service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    ],
  ],
  starsInResources: [
    [
      template({
        p: policy({
          Action: 'dynamodb:Query',
          Resource: ['arn:aws:dynamodb:us-east-1:1:table/t/index/*'],
        }),
      }),
      'p allows something on "arn:aws:dynamodb:us-east-1:1:table/t/index/*"',
    ],
    [
      template({
        p: policy({
          Action: 's3:GetObject',
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['b', 'Arn'] }, '/*']] },
        }),
      }),
      'p allows something on {"Fn::Join":["",[{"Fn::GetAtt":["b","Arn"]},"/*"]]}',
    ],
  ],
  negations: [
    [
      template({ p: policy({ NotAction: 'iam:*', Resource: 'arn' }) }),
      'p allows all but what it names',
    ],
    [
      template({ p: policy({ Action: 's3:GetObject', NotResource: 'arn' }) }),
      'p allows all but what it names',
    ],
    [
      template({ r: trusting({ NotPrincipal: { AWS: 'arn' }, Condition: forThisAccount }) }),
      'r allows all but what it names',
    ],
  ],
  rolesHandedOn: [
    [
      template({ p: policy({ Action: ['iam:PassRole'], Resource: 'arn' }) }),
      'p allows iam:PassRole',
    ],
    [
      template({ p: policy({ Action: 'sts:AssumeRole', Resource: 'arn' }) }),
      'p allows sts:AssumeRole',
    ],
  ],
  foreignLogs: [
    [
      template({
        mine: { Type: 'AWS::Logs::LogGroup' },
        theirs: { Type: 'AWS::Logs::LogGroup' },
        f: lambda({
          Role: { 'Fn::GetAtt': ['r', 'Arn'] },
          LoggingConfig: { LogGroup: { Ref: 'mine' } },
        }),
        p: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            Roles: [{ Ref: 'r' }],
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['logs:PutLogEvents'],
                  Resource: [
                    { 'Fn::GetAtt': ['mine', 'Arn'] },
                    { 'Fn::GetAtt': ['theirs', 'Arn'] },
                  ],
                },
              ],
            },
          },
        },
      }),
      'p writes to the log {"Fn::GetAtt":["theirs","Arn"]}',
    ],
  ],
  openTrusts: [
    [
      template({ r: trusting({ Principal: { Service: 'lambda.amazonaws.com' } }) }),
      'r trusts lambda.amazonaws.com, for whomever it acts',
    ],
    [
      template({
        r: trusting({ Principal: { AWS: 'arn:aws:iam::1:root' }, Condition: forThisAccount }),
      }),
      'r trusts AWS "arn:aws:iam::1:root"',
    ],
    [template({ r: trusting({ Principal: '*', Condition: forThisAccount }) }), 'r trusts *'],
    [
      template({
        r: trusting({
          Action: 'sts:TagSession',
          Principal: { Service: 'lambda.amazonaws.com' },
          Condition: forThisAccount,
        }),
      }),
      'r lets sts:TagSession',
    ],
  ],
  openPolicies: [
    [
      template({
        p: {
          ...policy({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: 'arn',
          }),
          Type: 'AWS::SNS::TopicPolicy',
        },
      }),
      'p lets cloudwatch.amazonaws.com in, for whomever it acts',
    ],
    [
      template({
        p: {
          ...policy({
            Principal: '*',
            Action: 'sqs:SendMessage',
            Resource: 'arn',
            Condition: forThisAccount,
          }),
          Type: 'AWS::SQS::QueuePolicy',
        },
      }),
      'p lets * in',
    ],
  ],
  openFunctions: [
    [
      template({ p: invocation({ Principal: 'events.amazonaws.com' }) }),
      'p lets events.amazonaws.com call, for whomever it acts',
    ],
    [template({ p: invocation({ Principal: '*', SourceArn: 'arn' }) }), 'p lets "*" call'],
    [
      template({
        p: invocation({ Principal: 'events.amazonaws.com', SourceArn: 'arn', Action: 'lambda:*' }),
      }),
      'p lets events.amazonaws.com do lambda:*',
    ],
  ],
  otherIdentities: [
    [template({ u: { Type: 'AWS::IAM::User' } }), 'u is a AWS::IAM::User'],
    [template({ m: { Type: 'AWS::IAM::ManagedPolicy' } }), 'm is a AWS::IAM::ManagedPolicy'],
  ],
  unkeptGatewayLogs: [
    [template({ s: apiStageOf({ LoggingLevel: 'ERROR' }) }), 's keeps its log for ever'],
    [template({ s: apiStageOf({}), logs: executionLogs }), 's does not log why it fails'],
    [
      template({
        s: apiStageOf({ LoggingLevel: 'ERROR', DataTraceEnabled: true }),
        logs: executionLogs,
      }),
      's logs what callers send',
    ],
  ],
  unpricedResources: [
    [
      template({ n: { Type: 'AWS::EC2::NatGateway' }, m: { Type: 'AWS::EC2::NatGateway' } }),
      'nobody has looked up what AWS::EC2::NatGateway costs while it is idle',
    ],
  ],
  reservedCapacity: [
    [
      template({ t: { Type: 'AWS::DynamoDB::Table', Properties: { BillingMode: 'PROVISIONED' } } }),
      't is billed by the hour',
    ],
    [template({ t: { Type: 'AWS::DynamoDB::Table' } }), 't is billed by the hour'],
    [
      template({
        s: { Type: 'AWS::ApiGateway::Stage', Properties: { CacheClusterEnabled: true } },
      }),
      's has a cache that is billed by the hour',
    ],
    [
      template({
        a: { Type: 'AWS::Lambda::Alias', Properties: { ProvisionedConcurrencyConfig: {} } },
      }),
      'a has provisioned concurrency',
    ],
    [
      template({
        m: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ProvisionedPollerConfig: {} } },
      }),
      'm has provisioned pollers',
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

  it('a queue that a stream tells of what it gave up is one of dead letters: it needs none, but an alarm', () => {
    const mapping = (onFailure: string): Resource => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [onFailure, 'Arn'] } } },
      },
    });
    const told = template({ m: mapping('q'), q: queue({ QueueName: 'q' }) });
    expect(rules.endlessQueues(told)).toEqual([]);
    expect(unwatchedDeadLetters(told, template({}))).toEqual(['q has no alarm on its depth']);
    const other = template({ m: mapping('another'), q: queue({ QueueName: 'q' }) });
    expect(rules.endlessQueues(other)).toEqual(['q has no dead-letter queue']);
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
