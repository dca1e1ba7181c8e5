/** What POST /orders really sends to DynamoDB, read between the handler and the engine. */
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { itemPriceAddress } from '#functions/domain/keys.ts';
import { toEnvironment } from '#functions/env.ts';
import { signToken } from '#shared/auth/token.ts';
import type { EdgeHandler } from '#shared/http/chain.ts';
import { secretsManagerClient } from '#shared/secrets/secretsmanager-source.ts';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { type Recorder, recorder } from '../support/recorder.ts';
import { createTables } from '../support/tables.ts';

const prefix = `transaction-${crypto.randomUUID()}`;
const named = (name: string) => `${prefix}-${name}`;

let recorded: Recorder;
let handler: EdgeHandler;
let token: string;

beforeAll(async () => {
  await createTables(dynamoClients().once, prefix);
  const store = dynamoStore({ tables: { domain: named('domain') } });
  await store.write({
    put: { version: 4, name: 'Book', priceMinor: 1250, currency: 'EUR' },
    at: itemPriceAddress('acme', 'book'),
  });
  const secrets = secretsManagerClient();
  for (const secret of ['token-signing', 'pseudonyms'])
    await secrets.send(
      new CreateSecretCommand({ Name: named(secret), SecretString: crypto.randomUUID() }),
    );
  const { VersionId = '', SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: named('token-signing') }),
  );
  token = await signToken(
    { tenant: 'acme', user: 'u1', role: 'user' },
    { key: { id: VersionId, value: SecretString }, expiresInMs: 60_000 },
  );

  Object.assign(
    process.env,
    toEnvironment('create-order', {
      stage: 'local',
      tableName: named,
      queueUrl: named,
      deadLetterUrl: named,
      secretId: named,
      functionName: named,
      numbers: {
        retryDelayRatio: 1,
        sweepAfterMs: 1_000,
        limitsTimeoutMs: 1_000,
        tracing: false,
        faults: false,
      },
    }),
  );
  recorded = await recorder(inject('endpoint') ?? '');
  process.env['AWS_ENDPOINT_URL'] = recorded.endpoint;
  ({ handler } = await import('#functions/create-order/handler.ts'));
});

afterAll(() => recorded.stop());

const place = (key: string) => {
  recorded.sent.length = 0;
  const body = { lines: [{ itemId: 'book', quantity: 2 }], address: '1 Harbour Road' };
  return handler(
    {
      httpMethod: 'POST',
      path: '/orders',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
    },
    { getRemainingTimeInMillis: () => 10_000 } as Context,
  );
};

/** The limit that a write takes from, of those that every call passes. */
const limitOf = ({ input }: Recorder['sent'][number]): string | undefined =>
  /"limit#bucket#([a-z-]+)#/.exec(JSON.stringify(input))?.[1];

const everyWrite = () =>
  recorded.sent.filter(({ operation }) => /Put|Update|Delete|Write/.test(operation));

const writes = () => everyWrite().filter((sent) => limitOf(sent) === undefined);

it('takes from four limits, the narrowest first, before anything else is written', async () => {
  expect((await place('limited')).statusCode).toBe(201);
  expect(everyWrite().map(limitOf)).toEqual([
    'user-write-user',
    'ip-write-known',
    'tenant-write-partner',
    'global-write-all',
    undefined,
  ]);
});

it('sends the order with its record, the event and the check of the price in one TransactWriteItems', async () => {
  const { statusCode, body } = await place('the-key');

  expect(statusCode).toBe(201);
  expect(writes()).toEqual([
    {
      operation: 'TransactWriteItems',
      input: {
        ClientRequestToken: expect.any(String),
        TransactItems: [
          {
            Put: expect.objectContaining({
              TableName: named('domain'),
              ConditionExpression: 'attribute_not_exists(#n0)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              Item: expect.objectContaining({
                status: { S: 'pending' },
                totalMinor: { N: '2500' },
                made: {
                  M: {
                    fingerprint: { S: expect.any(String) },
                    owner: { S: expect.any(String) },
                    answer: { S: body },
                  },
                },
              }),
            }),
          },
          {
            Put: expect.objectContaining({
              TableName: named('outbox'),
              Item: expect.objectContaining({
                kind: { S: 'event' },
                type: { S: 'order.created' },
                seq: { N: '1' },
              }),
            }),
          },
          {
            ConditionCheck: expect.objectContaining({
              TableName: named('domain'),
              ConditionExpression: 'attribute_exists(#n0) AND #n1 = :v0',
              ExpressionAttributeValues: { ':v0': { N: '4' } },
            }),
          },
        ],
      },
    },
  ]);
});

it('sends nothing else for a repeated request than the transaction that finds the record', async () => {
  const first = await place('again');
  const second = await place('again');

  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(second.body).toBe(first.body);
  expect(writes().map(({ operation }) => operation)).toEqual(['TransactWriteItems']);
});
