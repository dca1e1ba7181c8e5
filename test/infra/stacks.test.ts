import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/env.ts';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import {
  deadLetterName,
  givenUpName,
  logGroupName,
  resourceName,
  type Stage,
} from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import { retention } from '#functions/tables/retention.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { rotatedSecrets, type SecretRow, secrets } from '#functions/tables/secrets.ts';
import { type TableRow, tables } from '#functions/tables/tables.ts';
import { demoTenants, tiers } from '#functions/tables/tiers.ts';
import { alarms } from '#infra/alarms.ts';
import { stages } from '#infra/config.ts';
import { keylessMethods } from '#infra/cost/keyless.ts';
import { gatewayProblems } from '#infra/gateway.ts';
import { appProps } from '#infra/holdfast.ts';
import { localOmissions } from '#infra/local-omissions.ts';
import { problemTypes } from '#shared/http/problem-types.ts';
import {
  differingTypes,
  ofType,
  rules,
  strayMethods,
  target,
  unwatchedDeadLetters,
  unwatchedFunctions,
} from './rules.ts';
import { synthesise, templatesOf, variants } from './templates.ts';

interface Throttled {
  readonly HttpMethod: string;
  readonly ResourcePath: string;
  readonly ThrottlingRateLimit: number;
}

const everyStage = Object.keys(stages) as Stage[];
const functionNames = Object.keys(functions) as FunctionName[];
const rowOf = (name: FunctionName): FunctionRow => functions[name];
const seconds = (ms: number) => ms / 1000;

/** The properties of the one resource of a type that has this name. */
function named(stage: Stage, type: string, nameAs: string, name: string) {
  const found = Object.values(templatesOf(stage))
    .flatMap((template) => ofType(template, type))
    .filter(({ properties }) => properties[nameAs] === name);
  expect(found, `${type} ${name}`).toHaveLength(1);
  return found[0]?.properties;
}

describe.each(Object.keys(variants))('%s', (variant) => {
  const templates = Object.values(templatesOf(variant));

  it.each(Object.entries(rules))('keeps the rule %s in every stack', (_, rule) => {
    expect(templates.flatMap(rule)).toEqual([]);
  });
});

describe.each(everyStage)('stage %s', (stage) => {
  const { service, observability, recovery } = templatesOf(stage);

  it('has an alarm for every function and every dead-letter queue', () => {
    expect(unwatchedFunctions(service, observability)).toEqual([]);
    expect(unwatchedDeadLetters(service, observability)).toEqual([]);
  });

  it('has every function of the table, and no other', () => {
    const deployed = ofType(service, 'AWS::Lambda::Function').map((f) => f.properties.FunctionName);
    expect(deployed.sort()).toEqual(functionNames.map((n) => resourceName(stage, n)).sort());
  });

  it.each(functionNames)('gives %s what its row says, and its own log group', (name) => {
    const properties = named(
      stage,
      'AWS::Lambda::Function',
      'FunctionName',
      resourceName(stage, name),
    );
    const { timeoutMs, memoryMb } = rowOf(name);
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: seconds(timeoutMs),
      MemorySize: memoryMb,
    });
    expect(properties.TracingConfig?.Mode).toBe(
      stages[stage].numbers.tracing ? 'Active' : undefined,
    );
    const logs = service.Resources[target(properties.LoggingConfig.LogGroup) ?? ''];
    expect(logs?.Properties).toMatchObject({
      LogGroupName: logGroupName(stage, name),
      RetentionInDays: seconds(retention.logsMs) / 86_400,
    });
  });

  it.each(functionNames)('gives %s an environment that it can read', (name) => {
    const { Variables } = named(
      stage,
      'AWS::Lambda::Function',
      'FunctionName',
      resourceName(stage, name),
    ).Environment;
    const queueNameOf = (value: unknown) =>
      service.Resources[target(value) ?? '']?.Properties.QueueName;
    const variables = Object.fromEntries(
      Object.entries(Variables).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : queueNameOf(value),
      ]),
    );
    const {
      tables: itsTables = {},
      sendsTo = [],
      watches = [],
      buries = [],
      secrets = [],
      rotates = [],
      invokes = [],
      trigger,
    } = rowOf(name);
    const workedOn = trigger.by === 'queue' ? [trigger.queue] : [];
    const under = (names: readonly string[], as: (name: string) => string) =>
      Object.fromEntries(names.map((n) => [n, as(n)]));
    const its = (n: string) => resourceName(stage, n);
    expect(readEnv(name, variables)).toEqual({
      name,
      stage,
      ...stages[stage].numbers,
      tables: under(Object.keys(itsTables), its),
      queueUrls: under([...sendsTo, ...watches, ...workedOn], its),
      deadLetterUrls: under(buries, (queue) => deadLetterName(stage, queue)),
      secretIds: under([...secrets, ...rotates], its),
      functionNames: under(invokes, its),
    });
  });

  it.each(Object.entries<TableRow>(tables))('builds table %s as its row says', (name, row) => {
    const properties = named(stage, 'AWS::DynamoDB::Table', 'TableName', resourceName(stage, name));
    const keys = [row.partitionKey, ...(row.sortKey ? [row.sortKey] : [])];
    expect(properties.KeySchema.map((k: { AttributeName: string }) => k.AttributeName)).toEqual(
      keys,
    );
    expect(properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: false,
    });
    expect(properties.TimeToLiveSpecification).toEqual(
      row.ttl ? { AttributeName: 'ttl', Enabled: true } : undefined,
    );
    expect(properties.StreamSpecification).toEqual(
      row.stream ? { StreamViewType: 'NEW_IMAGE' } : undefined,
    );
    expect(
      (properties.GlobalSecondaryIndexes ?? []).map((i: { IndexName: string }) => i.IndexName),
    ).toEqual(Object.keys(row.indexes ?? {}));
  });

  it.each(Object.keys(queues) as QueueName[])('runs %s as its row says', (name) => {
    const { maxAttempts, maxConcurrency, batchSize } = queues[name];
    const queue = named(stage, 'AWS::SQS::Queue', 'QueueName', resourceName(stage, name));
    const letters = named(stage, 'AWS::SQS::Queue', 'QueueName', deadLetterName(stage, name));
    const worker = functionNames.find((n) => {
      const { trigger } = rowOf(n);
      return trigger.by === 'queue' && trigger.queue === name;
    });
    expect(queue).toMatchObject({
      VisibilityTimeout:
        (stage === 'local' ? 1 : 6) * seconds(worker ? rowOf(worker).timeoutMs : Number.NaN),
      MessageRetentionPeriod: seconds(retention.queueMs),
      RedrivePolicy: { maxReceiveCount: maxAttempts + 1 },
    });
    expect(letters.MessageRetentionPeriod).toBe(seconds(retention.deadLetterMs));
    const mappings = ofType(service, 'AWS::Lambda::EventSourceMapping').filter(
      (m) =>
        service.Resources[target(m.properties.EventSourceArn) ?? '']?.Properties.QueueName ===
        queue.QueueName,
    );
    expect(mappings.map((m) => m.properties)).toMatchObject([
      {
        BatchSize: batchSize,
        ScalingConfig: { MaximumConcurrency: maxConcurrency },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    ]);
  });

  it.each(Object.keys(queues) as QueueName[])('has the parker empty the letters of %s', (name) => {
    const mappings = ofType(service, 'AWS::Lambda::EventSourceMapping').filter(
      (m) =>
        service.Resources[target(m.properties.EventSourceArn) ?? '']?.Properties.QueueName ===
        deadLetterName(stage, name),
    );
    expect(mappings.map(({ properties }) => properties)).toMatchObject([
      { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] },
    ]);
    const [mapping] = mappings;
    const parker = service.Resources[target(mapping?.properties.FunctionName) ?? ''];
    expect(parker?.Properties.FunctionName).toBe(resourceName(stage, 'parker'));
    const letters = named(stage, 'AWS::SQS::Queue', 'QueueName', deadLetterName(stage, name));
    expect(letters.VisibilityTimeout).toBe(
      (stage === 'local' ? 1 : 6) * seconds(rowOf('parker').timeoutMs),
    );
  });

  it('lets the one function that sends to itself do so, and no other', () => {
    const recursive = ofType(service, 'AWS::Lambda::Function')
      .filter(({ properties }) => properties.RecursiveLoop === 'Allow')
      .map(({ properties }) => properties.FunctionName);
    expect(recursive).toEqual([resourceName(stage, 'dlq-replay')]);
    const sendingToThemselves = functionNames.filter((name) => {
      const { trigger, sendsTo = [] } = rowOf(name);
      return trigger.by === 'queue' && sendsTo.includes(trigger.queue);
    });
    expect(sendingToThemselves).toEqual(['dlq-replay']);
  });

  it('lists parked letters by an index that has no bodies', () => {
    const table = named(stage, 'AWS::DynamoDB::Table', 'TableName', resourceName(stage, 'parked'));
    const [{ Projection }] = table.GlobalSecondaryIndexes;
    expect(Projection.ProjectionType).toBe('INCLUDE');
    expect(Projection.NonKeyAttributes).not.toContain('body');
    expect(Projection.NonKeyAttributes).not.toContain('item');
  });

  it('wakes the relay for new events only, and lets it report which one failed', () => {
    const streams = ofType(service, 'AWS::Lambda::EventSourceMapping').filter(
      ({ properties }) => properties.StartingPosition,
    );
    expect(streams.map(({ properties }) => properties)).toMatchObject([
      {
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: stage === 'local' ? 2 : 10,
        MaximumRecordAgeInSeconds: 3600,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    ]);
    expect(JSON.parse(streams[0]?.properties.FilterCriteria.Filters[0].Pattern)).toEqual({
      eventName: ['INSERT'],
      dynamodb: { NewImage: { kind: { S: ['event'] } } },
    });
  });

  it('tells a queue of its own what the relay’s stream gave up, and keeps that for two weeks', () => {
    const name = givenUpName(stage, 'outbox-relay');
    expect(named(stage, 'AWS::SQS::Queue', 'QueueName', name)).toMatchObject({
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
    });
    const [stream] = ofType(service, 'AWS::Lambda::EventSourceMapping').filter(
      ({ properties }) => properties.StartingPosition,
    );
    const told = target(stream?.properties.DestinationConfig.OnFailure.Destination);
    expect(service.Resources[told ?? '']?.Properties.QueueName).toBe(name);
  });

  it('has Secrets Manager of this account, and nobody else, call the function that rotates', () => {
    const callers = ofType(service, 'AWS::Lambda::Permission').filter(
      ({ properties }) => properties.Principal === 'secretsmanager.amazonaws.com',
    );
    expect(callers.map(({ properties }) => properties)).toMatchObject([
      {
        Action: 'lambda:InvokeFunction',
        SourceAccount: stages[stage].place?.account ?? { Ref: 'AWS::AccountId' },
      },
    ]);
    const called = service.Resources[target(callers[0]?.properties.FunctionName) ?? ''];
    expect(called?.Properties.FunctionName).toBe(resourceName(stage, 'secret-rotate'));
  });

  it('rotates the secrets whose rows say so, where rotation exists', () => {
    const schedules = ofType(service, 'AWS::SecretsManager::RotationSchedule');
    const rotations = schedules.map(({ id, properties }) => [
      properties.RotationRules.AutomaticallyAfterDays,
      service.Resources[target(properties.RotationLambdaARN) ?? '']?.Properties.FunctionName,
      // Before Secrets Manager may call it, a rotation fails.
      (service.Resources[id] as { DependsOn?: string[] }).DependsOn?.some(
        (on) => service.Resources[on]?.Type === 'AWS::Lambda::Permission',
      ),
    ]);
    const omitted = 'AWS::SecretsManager::RotationSchedule' in stages[stage].omissions;
    const wanted = rotatedSecrets.map((name) => [
      (secrets[name] as SecretRow).rotatedEveryDays,
      resourceName(stage, 'secret-rotate'),
      true,
    ]);
    expect(rotations).toEqual(omitted ? [] : wanted);
  });

  it('runs each sweeper every minute', () => {
    const rules = ofType(service, 'AWS::Events::Rule').map(({ properties }) => [
      properties.Name,
      properties.ScheduleExpression,
      properties.State,
    ]);
    expect(rules.sort()).toEqual(
      ['booking-sweeper', 'outbox-sweeper', 'relay-reconciler'].map((name) => [
        resourceName(stage, name),
        'rate(1 minute)',
        'ENABLED',
      ]),
    );
  });

  it('has a method for every route, with its key, and no other', () => {
    const wanted = Object.values<RouteRow>(routes).map((r) => [
      `${r.method} ${r.path}`,
      r.apiKeyRequired,
    ]);
    expect(strayMethods(service, Object.fromEntries(wanted))).toEqual([]);
  });

  it('has a usage plan for every tier, with its numbers and the keys of its tenants', () => {
    for (const [tier, { ratePerSecond, burst, quota }] of Object.entries(tiers)) {
      const name = resourceName(stage, tier);
      expect(named(stage, 'AWS::ApiGateway::UsagePlan', 'UsagePlanName', name)).toMatchObject({
        Throttle: { RateLimit: ratePerSecond, BurstLimit: burst },
        Quota: { Limit: quota.requests, Period: quota.period },
      });
    }
    const nameOf = (value: unknown, as: string) =>
      service.Resources[target(value) ?? '']?.Properties[as];
    const members = ofType(service, 'AWS::ApiGateway::UsagePlanKey').map(({ properties }) => [
      nameOf(properties.KeyId, 'Name'),
      nameOf(properties.UsagePlanId, 'UsagePlanName'),
    ]);
    expect(Object.fromEntries(members)).toEqual(
      Object.fromEntries(
        Object.entries(demoTenants).map(([tenant, { tier }]) => [
          resourceName(stage, tenant),
          resourceName(stage, tier),
        ]),
      ),
    );
  });

  it.each(Object.entries(gatewayProblems))('answers %s with the problem %s', (type, slug) => {
    const answer = named(stage, 'AWS::ApiGateway::GatewayResponse', 'ResponseType', type);
    const { status, title } = problemTypes[slug];
    expect(answer.StatusCode).toBe(String(status));
    expect(JSON.parse(answer.ResponseTemplates['application/json'])).toEqual({
      type: `/problems/${slug}`,
      title,
      status,
      instance: '$context.requestId',
    });
    expect(answer.ResponseParameters).toMatchObject({
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Cache-Control': "'no-store'",
      'gatewayresponse.header.X-Content-Type-Options': "'nosniff'",
      'gatewayresponse.header.Referrer-Policy': "'no-referrer'",
      'gatewayresponse.header.Strict-Transport-Security': "'max-age=31536000'",
    });
    const waits: Readonly<Record<string, string>> = {
      THROTTLED: "'1'",
      WAF_FILTERED: "'60'",
      QUOTA_EXCEEDED: "'3600'",
    };
    expect(answer.ResponseParameters['gatewayresponse.header.Retry-After']).toBe(waits[type]);
    for (const value of Object.values<string>(answer.ResponseParameters))
      expect(value).toMatch(/^'[^']+'$/);
  });

  it('logs every request without its caller’s address, token or key', () => {
    const [api] = ofType(service, 'AWS::ApiGateway::Stage');
    const format: string = api?.properties.AccessLogSetting.Format;
    expect(JSON.parse(format)).toMatchObject({
      requestId: '$context.requestId',
      traceId: '$context.xrayTraceId',
    });
    expect(format).not.toMatch(/sourceIp|apiKey\b|authorizer|userAgent|header/i);
  });

  it('holds each method to the throttle of the stage, and what asks for no key to a narrow one', () => {
    const [api] = ofType(service, 'AWS::ApiGateway::Stage');
    const [usual, ...own]: readonly Throttled[] = api?.properties.MethodSettings ?? [];
    expect(usual).toMatchObject({
      HttpMethod: '*',
      ResourcePath: '/*',
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 2000,
    });
    const keyless = ofType(service, 'AWS::ApiGateway::Method').filter(
      ({ properties }) => !properties.ApiKeyRequired,
    );
    expect(own).toHaveLength(keyless.length);
    expect(new Set(own.map(({ ThrottlingRateLimit: rate }) => rate))).toEqual(new Set([25]));
    expect(own.map((row) => `${row.HttpMethod} ${row.ResourcePath}`)).toEqual(
      expect.arrayContaining(['OPTIONS /', 'OPTIONS /~1orders~1{id}', 'GET /~1health']),
    );
    expect(keylessMethods([service]).filter(({ ratePerSecond }) => ratePerSecond > 25)).toEqual([]);
  });

  it('sends each alarm to the topic of its severity', () => {
    const topics = new Map(
      ofType(observability, 'AWS::SNS::Topic').map(({ id, properties }) => [
        id,
        properties.TopicName,
      ]),
    );
    for (const [key, { severity, watches, means }] of Object.entries(alarms)) {
      const built = ofType(observability, 'AWS::CloudWatch::Alarm').filter(({ properties }) =>
        properties.AlarmDescription.endsWith(`docs/runbooks/${key}.md`),
      );
      expect(built.length, `alarms of ${key} on every ${watches}`).toBeGreaterThan(0);
      for (const { properties } of built) {
        expect(properties.AlarmDescription).toContain(means);
        expect(properties.AlarmActions.map((a: unknown) => topics.get(target(a) ?? ''))).toEqual([
          resourceName(stage, `alarms-${severity}`),
        ]);
      }
    }
  });

  it('has no backups unless they are asked for, so that it can go as a whole', () => {
    expect(recovery.Resources).toEqual({});
  });
});

describe('the stages beside each other', () => {
  it('differ in the omitted types and in no other', () => {
    const [local, sandbox] = [templatesOf('local'), templatesOf('sandbox')].map((t) =>
      Object.values(t),
    );
    expect(differingTypes(local ?? [], sandbox ?? [])).toEqual(Object.keys(localOmissions));
  });

  it('reserve concurrency only where the account allows it', () => {
    const reserved = (stage: Stage) =>
      ofType(templatesOf(stage).service, 'AWS::Lambda::Function')
        .filter((f) => f.properties.ReservedConcurrentExecutions !== undefined)
        .map((f) => f.properties.FunctionName);
    expect(reserved('local')).toEqual(['holdfast-local-outbox-sweeper']);
    expect(reserved('sandbox')).toEqual([]);
  });
});

describe('a stage that is to last', () => {
  const lasting = synthesise('sandbox', {
    config: { throwaway: false, demoTenants: false, simulations: false },
  });

  it('protects its tables from deletion and keeps data when stacks go', () => {
    const tablesOf = Object.values(lasting.state.Resources).filter(
      ({ Type }) => Type === 'AWS::DynamoDB::Table',
    );
    expect(tablesOf).toHaveLength(Object.keys(tables).length);
    for (const table of tablesOf) {
      expect(table.Properties.DeletionProtectionEnabled).toBe(true);
      expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    for (const secret of Object.values(lasting.state.Resources))
      expect(secret).toMatchObject({ DeletionPolicy: 'Retain' });
  });

  it('has no demo keys, no routes to simulations, and no function or alarm for these', () => {
    expect(ofType(lasting.service, 'AWS::ApiGateway::ApiKey')).toEqual([]);
    const all = JSON.stringify(lasting);
    expect(all).not.toContain('set-simulated-faults');
  });
});

it('passes what CloudFormation itself would check', () => {
  for (const stage of everyStage)
    expect(() => synthesise(stage, { validated: true })).not.toThrow();
}, 30_000);

it('would be told of a template that CloudFormation refuses', () => {
  const app = new App(appProps);
  const properties = { VisibilityTimeout: 'long' };
  new CfnResource(new Stack(app, 'Bad'), 'queue', { type: 'AWS::SQS::Queue', properties });
  expect(() => app.synth()).toThrow(/VisibilityTimeout: 'long' is not of type 'integer'/);
}, 30_000);
