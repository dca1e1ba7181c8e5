import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { orderListPartition } from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import type { SalesView } from '#functions/domain/sales.ts';
import { type Bearer, signToken } from '#shared/auth/token.ts';
import { stubEnvironment } from './handler-environment.ts';

const dynamo = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);
mockClient(SQSClient).rejects(new Error('no queue here'));

const key = { id: 'v1', value: 'signing-key-'.padEnd(32, '.') };
const shard0 = (tenant: string) => marshall({ ':partition': orderListPartition(tenant, 0) });
const orders = (count: number) =>
  Array.from({ length: count }, (_, nth) =>
    marshall(
      toOrderItem({
        id: crypto.randomUUID(),
        tenant: 'acme',
        userId: 'u1',
        status: 'confirmed',
        version: 1,
        lines: [{ itemId: 'book', quantity: 1, priceMinor: 100 }],
        address: 'Here',
        totalMinor: 100,
        currency: 'EUR',
        createdAt: new Date(nth).toISOString(),
      }),
    ),
  );

const loads = () => dynamo.commandCalls(QueryCommand).length / 8;
const looksAtTags = () =>
  dynamo.commandCalls(GetItemCommand, {
    TableName: 'table-state',
    Key: marshall({ pk: 'tag#acme#sales' }),
    ConsistentRead: false,
  }).length;
const sell = (count: number) =>
  dynamo
    .on(QueryCommand, { ExpressionAttributeValues: shard0('acme') })
    .resolves({ Items: orders(count) });

/** A new environment: nothing is remembered, and the metrics of its lookups can be read. */
async function environment() {
  vi.resetModules();
  stubEnvironment('get-sales-report');
  const { handler } = await import('#functions/get-sales-report/handler.ts');
  return async (
    bearer: Partial<Bearer> = {},
    headers: Readonly<Record<string, string>> = {},
    query: Readonly<Record<string, string>> = {},
  ) => {
    const who = { tenant: 'acme', user: 'boss', role: 'admin', ...bearer } as const;
    const token = await signToken(who, { key, expiresInMs: 60_000 });
    const {
      statusCode,
      headers: sent,
      body,
    } = await handler(
      {
        httpMethod: 'GET',
        path: '/reports/sales',
        headers: { authorization: `Bearer ${token}`, ...headers },
        queryStringParameters: { ...query },
        body: null,
      } as Parameters<typeof handler>[0],
      { getRemainingTimeInMillis: () => 10_000 } as Context,
    );
    return {
      status: statusCode,
      headers: sent,
      body: (body === '' ? undefined : JSON.parse(body)) as SalesView | undefined,
    };
  };
}

const lookups = (lines: readonly string[]) =>
  lines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => 'CacheLookups' in line)
    .map(({ cache, outcome }) => [cache, outcome]);

describe('the sales report', () => {
  const written: string[] = [];

  beforeEach(() => {
    written.length = 0;
    for (const level of ['info', 'error', 'warn', 'log'] as const)
      vi.spyOn(console, level).mockImplementation((line: string) => void written.push(line));
    for (const mock of [dynamo, secrets]) mock.reset();
    dynamo.on(PutItemCommand).resolves({});
    dynamo.on(UpdateItemCommand).resolves({});
    dynamo.on(GetItemCommand).resolves({});
    dynamo.on(QueryCommand).resolves({ Items: [] });
    secrets.on(GetSecretValueCommand).resolves({ SecretString: key.value, VersionId: key.id });
    sell(3);
  });

  it('is loaded once for all who ask at the same time, and counted as it was found', async () => {
    const ask = await environment();
    const read = Promise.withResolvers<void>();
    dynamo
      .on(QueryCommand, { ExpressionAttributeValues: shard0('acme') })
      .callsFake(() => read.promise.then(() => ({ Items: orders(3) })));
    const asked = [ask(), ask(), ask()];
    await vi.waitFor(() => expect(looksAtTags()).toBe(asked.length));
    read.resolve();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ body }) => body?.currencies)).toEqual(
      answers.map(() => [{ currency: 'EUR', orders: 3, units: 3, totalMinor: 300 }]),
    );
    expect(loads()).toBe(1);
    await ask();
    expect(loads()).toBe(1);
    expect(lookups(written)).toEqual([
      ...answers.map(() => ['sales-report', 'miss']),
      ['sales-report', 'hit'],
    ]);
  });

  it('is 304 for who has it, for as long as it is the same, in every environment', async () => {
    const [ask, askElsewhere] = [await environment(), await environment()];
    const first = await ask();
    expect(first.headers).toMatchObject({
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
      'cache-control': 'private, max-age=60, stale-while-revalidate=240',
      vary: 'authorization',
      age: '0',
    });
    const { etag = '' } = first.headers;
    for (const each of [ask, askElsewhere]) {
      const again = await each({}, { 'If-None-Match': `"other", W/${etag}` });
      expect(again).toMatchObject({ status: 304, body: undefined });
      for (const name of ['etag', 'cache-control', 'vary'] as const)
        expect(again.headers[name]).toBe(first.headers[name]);
      expect(again.headers['content-type']).toBeUndefined();
    }
    sell(4);
    const changed = await (await environment())({}, { 'if-none-match': etag });
    expect([changed.status, changed.headers['etag'] === etag]).toEqual([200, false]);
  });

  it('is not given to a user, though it is remembered', async () => {
    const ask = await environment();
    await ask();
    const refused = await ask({ role: 'user' }, { 'if-none-match': '*' });
    expect(refused).toMatchObject({ status: 403, body: { type: '/problems/forbidden' } });
    expect(refused.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(refused.headers['etag']).toBeUndefined();
  });

  it('is another for another tenant, role or query', async () => {
    const ask = await environment();
    await ask();
    expect((await ask({ tenant: 'globex' })).body?.currencies).toEqual([]);
    await ask({ role: 'service' });
    await ask({}, {}, { from: '2026-01-01' });
    await ask({}, {}, { to: '2026-01-01' });
    expect(loads()).toBe(5);
    await ask({ user: 'deputy' });
    expect(loads()).toBe(5);
  });

  it('is counted for each who asks while nobody can read its tag, and told as such', async () => {
    const ask = await environment();
    dynamo
      .on(GetItemCommand, { TableName: 'table-state', Key: marshall({ pk: 'tag#acme#sales' }) })
      .rejects(new Error('down'));
    expect((await ask()).body?.currencies).toMatchObject([{ orders: 3 }]);
    sell(4);
    expect((await ask()).body?.currencies).toMatchObject([{ orders: 4 }]);
    expect(loads()).toBe(2);
    expect(lookups(written)).toEqual([
      ['sales-report', 'unkept'],
      ['sales-report', 'unkept'],
    ]);
  });

  it('is no report at all while its orders cannot be read, and soon after they can be it is one', async () => {
    const ask = await environment();
    dynamo.on(QueryCommand).rejects(new Error('down'));
    expect((await ask()).status).toBe(500);
    dynamo.on(QueryCommand).resolves({ Items: [] });
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 10_000 });
  });

  it.each<[string, Record<string, string>]>([
    ['a day that is none', { from: '2026-02-30' }],
    ['an instant', { to: '2026-02-03T00:00:00Z' }],
    ['an end before the beginning', { from: '2026-02-03', to: '2026-02-02' }],
    ['a parameter that is none', { until: '2026-02-03' }],
  ])('of %s is refused, and loads nothing', async (_, query) => {
    const ask = await environment();
    expect(await ask({}, {}, query)).toMatchObject({
      status: 400,
      body: { type: '/problems/invalid-request' },
    });
    expect(loads()).toBe(0);
  });
});
