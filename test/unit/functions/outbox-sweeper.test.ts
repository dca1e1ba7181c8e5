import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { publish } from '#functions/publish.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { stubEnvironment } from './handler-environment.ts';
import { tookAll } from './took-all.ts';

stubEnvironment('outbox-sweeper');
const { handler } = await import('#functions/outbox-sweeper/handler.ts');

const dynamo = mockClient(DynamoDBClient);
const sqs = mockClient(SQSClient);
mockClient(SecretsManagerClient).rejects(new Error('down'));

const forgotten = applied(
  publish(
    {
      type: 'order.created',
      tenant: 'acme',
      aggregate: 'order/o1',
      seq: 1,
      data: { orderId: 'o1', userId: 'u1' },
    },
    { trace: newTrace(), correlationId: 'request-1', now: () => Date.now() - 120_000 },
  ),
  undefined,
) as Item;

const run = (remainingMs = 50_000) =>
  handler({}, { getRemainingTimeInMillis: () => remainingMs } as Context);

describe('the sweeper function', () => {
  beforeEach(() => {
    for (const mock of [dynamo, sqs]) mock.reset();
    dynamo.on(QueryCommand).resolves({ Items: [] });
    dynamo
      .on(QueryCommand, { ExpressionAttributeValues: marshall({ ':partition': forgotten['pk'] }) })
      .resolves({ Items: [marshall(forgotten)] });
    dynamo.on(UpdateItemCommand).resolves({});
    dynamo.on(PutItemCommand).resolves({});
    sqs.on(SendMessageBatchCommand).callsFake(tookAll);
  });

  it('claims a forgotten event, sends it and names it in a ledger of its own', async () => {
    await run();
    expect(dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'table-outbox',
      Key: marshall({ pk: forgotten['pk'], sk: forgotten['sk'] }),
    });
    expect(sqs.commandCalls(SendMessageBatchCommand)[0]?.args[0].input).toMatchObject({
      QueueUrl: 'http://queues.test/order:process',
      Entries: [{ Id: forgotten['sk'] }],
    });
    const [ledger] = dynamo.commandCalls(PutItemCommand);
    expect(unmarshall(ledger?.args[0].input.Item ?? {})).toMatchObject({
      kind: 'ledger',
      by: 'sweeper',
      sent: [forgotten['sk']],
    });
  });

  it('ends what is remembered and is old by the events that it found', async () => {
    await run();
    const [, bump] = dynamo.commandCalls(UpdateItemCommand).map(({ args: [{ input }] }) => input);
    expect(bump).toMatchObject({
      TableName: 'table-state',
      Key: marshall({ pk: 'tag#acme#sales' }),
    });
  });

  it('reads consistently, half an hour back and the older buckets in turns', async () => {
    await run();
    const queries = dynamo.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input);
    expect(queries.every(({ ConsistentRead }) => ConsistentRead === true)).toBe(true);
    expect(queries.length).toBeGreaterThanOrEqual(3 * 8);
    expect(queries.length).toBeLessThanOrEqual((3 + 17) * 8);
  });

  it('starts nothing when too little time is left', async () => {
    await run(9_000);
    expect(dynamo.calls()).toEqual([]);
  });

  it('fails where the outbox cannot be read', async () => {
    dynamo.reset();
    dynamo.on(QueryCommand).rejects(new Error('down'));
    await expect(run()).rejects.toThrow('down');
  });
});
