/** What the cost page says is counted in the templates, and what it promises of them holds. */
import { describe, expect, it } from 'vitest';
import { callsByQuota, strangersOfADay } from '#infra/cost/flood.ts';
import { type CountedTemplate, idleCost } from '#infra/cost/idle.ts';
import { keylessMethods } from '#infra/cost/keyless.ts';
import { measured } from '#infra/cost/measured.ts';
import { ordersCost } from '#infra/cost/order.ts';
import { type Cost, type PriceName, prices, usdOf } from '#infra/cost/prices.ts';
import { templatesOf, variants } from './templates.ts';

const of = (variant: string): readonly CountedTemplate[] => Object.values(templatesOf(variant));

const resourcesOf = (variant: string) =>
  of(variant).flatMap(({ Resources = {} }) => Object.values(Resources));

const countOf = ({ lines }: Cost, price: PriceName): number | undefined =>
  lines.find((line) => line.price === price)?.count;

const oneTemplate = (...resources: readonly object[]): CountedTemplate[] => [
  { Resources: Object.fromEntries(resources.map((one, nth) => [`r${nth}`, one])) as never },
];

describe.each(Object.keys(variants))('%s', (variant) => {
  it('reserves nothing that is billed by the hour', () => {
    const properties = (type: string) =>
      resourcesOf(variant)
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => Properties as Record<string, unknown>);
    const tables = properties('AWS::DynamoDB::Table');
    expect(tables.map(({ BillingMode }) => BillingMode)).toEqual(
      tables.map(() => 'PAY_PER_REQUEST'),
    );
    const stages = properties('AWS::ApiGateway::Stage');
    expect(stages.filter(({ CacheClusterEnabled }) => CacheClusterEnabled)).toEqual([]);
    const mappings = properties('AWS::Lambda::EventSourceMapping');
    expect(mappings.filter((one) => one['ProvisionedPollerConfig'])).toEqual([]);
  });
});

describe('an idle month', () => {
  it('counts each thing that is billed by the month as often as it is in the templates', () => {
    const cost = idleCost(of('sandbox'));
    const made = (type: string) => resourcesOf('sandbox').filter((one) => one.Type === type).length;
    expect(countOf(cost, 'secret')).toBe(made('AWS::SecretsManager::Secret'));
    expect(countOf(cost, 'dashboard')).toBe(made('AWS::CloudWatch::Dashboard'));
    expect(countOf(cost, 'alarm')).toBe(made('AWS::CloudWatch::Alarm'));
    expect(countOf(cost, 'webAcl')).toBeUndefined();
  });

  it('costs more by a web ACL and its rule where one is asked for', () => {
    const acl = { Type: 'AWS::WAFv2::WebACL', Properties: { Rules: [{}] } };
    expect(idleCost(oneTemplate(acl)).totalUsd - idleCost([]).totalUsd).toBeCloseTo(6);
  });

  it('counts an alarm on an expression by its metrics', () => {
    const alarm = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { Metrics: [{ Expression: 'a/b' }, { MetricStat: {} }, { MetricStat: {} }] },
    };
    expect(countOf(idleCost(oneTemplate(alarm)), 'alarm')).toBe(2);
  });

  it('counts what Lambda asks of empty queues, and of queues only', () => {
    const mapping = (ScalingConfig?: object) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { ...(ScalingConfig && { ScalingConfig }) },
    });
    const cost = idleCost(oneTemplate(mapping({ MaximumConcurrency: 2 }), mapping()));
    expect(countOf(cost, 'queueCall')).toBe(5 * 3 * 43_800);
  });

  it('is refused where a schedule cannot be counted', () => {
    const rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'holdfast-sandbox-outbox-sweeper',
        ScheduleExpression: 'cron(0 3 * * ? *)',
      },
    };
    expect(() => idleCost(oneTemplate(rule))).toThrow(RangeError);
  });
});

describe('orders', () => {
  it('cost in proportion, but for what is billed by the month', () => {
    const [one, two] = [ordersCost(1_000_000), ordersCost(2_000_000)];
    expect(countOf(two, 'writeUnit')).toBe(2 * (countOf(one, 'writeUnit') ?? 0));
    expect(countOf(two, 'metric')).toBe(countOf(one, 'metric'));
  });

  it('write what was measured on their way', () => {
    const units = measured('order').reduce((sum, { writeUnits }) => sum + writeUnits, 0);
    expect(units).toBeGreaterThan(10);
    expect(countOf(ordersCost(1_000_000), 'writeUnit')).toBeCloseTo(units * 1_000_000);
  });
});

describe('a day of flood', () => {
  const methods = keylessMethods(of('sandbox'));

  it('finds what asks for no key: health, and a preflight for each path', () => {
    expect(methods.filter(({ method }) => method !== 'OPTIONS')).toMatchObject([
      { method: 'GET', path: '/health' },
    ]);
    expect(methods.map(({ path }) => path)).toContain('/orders/{id}');
  });

  it('counts a method by its own throttle where it has one', () => {
    const own = (ResourcePath: string, HttpMethod: string, ThrottlingRateLimit: number) => ({
      ResourcePath,
      HttpMethod,
      ThrottlingRateLimit,
    });
    const stage = {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { MethodSettings: [own('/*', '*', 100), own('/~1a~1b', 'GET', 5)] },
    };
    const resource = (PathPart: string, parent?: string) => ({
      Type: 'AWS::ApiGateway::Resource',
      Properties: { PathPart, ...(parent && { ParentId: { Ref: parent } }) },
    });
    const method = (HttpMethod: string, Ref: string) => ({
      Type: 'AWS::ApiGateway::Method',
      Properties: { HttpMethod, ResourceId: { Ref } },
    });
    const template = oneTemplate(
      stage,
      resource('a'),
      resource('b', 'r1'),
      method('GET', 'r2'),
      method('OPTIONS', 'r1'),
    );
    expect(keylessMethods(template)).toEqual([
      { method: 'GET', path: '/a/b', ratePerSecond: 5 },
      { method: 'OPTIONS', path: '/a', ratePerSecond: 100 },
    ]);
    expect(countOf(strangersOfADay(template), 'apiCall')).toBe(105 * 86_400);
  });

  it('is never more than an account lets in', () => {
    expect(countOf(strangersOfADay(of('sandbox')), 'apiCall')).toBeLessThanOrEqual(10_000 * 86_400);
  });

  it('counts a line of log and an answer for each call that is refused', () => {
    const stage = {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 100 }],
      },
    };
    const open = {
      Type: 'AWS::ApiGateway::Method',
      Properties: { HttpMethod: 'GET', ResourceId: {} },
    };
    const cost = strangersOfADay(oneTemplate(stage, open));
    expect(countOf(cost, 'apiCall')).toBe(100 * 86_400);
    expect(countOf(cost, 'logsTaken')).toBeCloseTo((86_400 * (100 * 1_500 + 10_000 * 500)) / 1e9);
    expect(countOf(cost, 'transferOut')).toBeCloseTo((86_400 * 10_000 * 1_500) / 1e9);
  });

  it('ends for keys with their quotas', () => {
    expect(callsByQuota()).toBe(2_101_000);
  });
});

describe('prices', () => {
  it.each(Object.entries(prices))('%s is above nothing, and names a page of AWS', (name, row) => {
    expect(usdOf({ price: name as PriceName, count: row.each, because: '' })).toBe(row.usd);
    expect(row.page).toMatch(/^https:\/\/aws\.amazon\.com\/.*pricing/);
  });

  it('are taken off as far as they are free', () => {
    const line = { price: 'alarm', count: 12, because: '' } as const;
    expect(usdOf(line, true)).toBeCloseTo(0.2);
    expect(usdOf({ ...line, count: 3 }, true)).toBe(0);
  });
});
