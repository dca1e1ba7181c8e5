import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { publish } from '#functions/publish.ts';
import { retention } from '#functions/tables/retention.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { stubEnvironment } from './handler-environment.ts';
import { tookAll } from './took-all.ts';

stubEnvironment('outbox-relay');
const { handler } = await import('#functions/outbox-relay/handler.ts');

const dynamo = mockClient(DynamoDBClient);
const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);

const trace = newTrace();
const context = {} as Context;
type Type = 'order.created' | 'order.confirmed' | 'order.changed';
const itemOf = (type: Type, seq: number, tenant = 'acme'): Item =>
  applied(
    publish(
      {
        type,
        tenant,
        aggregate: `order/o${seq}`,
        seq,
        data: { orderId: 'o', userId: 'u1' },
      },
      { trace, correlationId: 'request-1' },
    ),
    undefined,
  ) as Item;

const record = (eventName: 'INSERT' | 'MODIFY', item: Item, sequence: number): DynamoDBRecord => ({
  eventName,
  dynamodb: {
    SequenceNumber: String(sequence),
    NewImage: marshall(item) as NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>,
  },
});

const puts = () =>
  dynamo.commandCalls(PutItemCommand).map(({ args: [{ input }] }) => ({
    table: input.TableName,
    item: unmarshall(input.Item ?? {}),
  }));

const bumps = () =>
  dynamo.commandCalls(UpdateItemCommand).map(({ args: [{ input }] }) => ({
    table: input.TableName,
    ...unmarshall(input.Key ?? {}),
  }));

/** The lines that were written while it ran. */
async function lines(run: () => Promise<unknown>): Promise<readonly unknown[]> {
  const written: string[] = [];
  const spies = (['info', 'error', 'warn', 'log'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((line: string) => {
      written.push(line);
    }),
  );
  await run();
  for (const spy of spies) spy.mockRestore();
  return written.map((line): unknown => JSON.parse(line));
}

describe('the relay function', () => {
  beforeEach(() => {
    for (const mock of [dynamo, sqs, secrets]) mock.reset();
    dynamo.on(PutItemCommand).resolves({});
    dynamo.on(UpdateItemCommand).resolves({});
    sqs.on(SendMessageBatchCommand).callsFake(tookAll);
    secrets
      .on(GetSecretValueCommand)
      .resolves({ SecretString: 'a secret of some length', VersionId: 'v1' });
  });

  it('sends new events to the queues of their types, then names them in a ledger', async () => {
    const [created, confirmed] = [itemOf('order.created', 1), itemOf('order.confirmed', 2)];
    const answer = await handler(
      {
        Records: [
          record('INSERT', created, 1),
          record('MODIFY', itemOf('order.created', 3), 2),
          record('INSERT', confirmed, 3),
        ],
      },
      context,
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    const sent = sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input);
    expect(
      sent.map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.map(({ Id }) => Id)]).sort(),
    ).toEqual([
      ['http://queues.test/email:send', [confirmed['sk']]],
      ['http://queues.test/order:process', [created['sk']]],
    ]);
    expect(puts()).toMatchObject([
      {
        table: 'table-outbox',
        item: { kind: 'ledger', by: 'relay', sent: [created['sk'], confirmed['sk']], parked: [] },
      },
    ]);
    expect(Number(puts()[0]?.item['expiresAtMs'])).toBeGreaterThanOrEqual(
      Number(confirmed['expiresAtMs']),
    );
  });

  it('reports the first event that its queue did not take, and parks what none will', async () => {
    const [failed, refused] = [itemOf('order.created', 1), itemOf('order.created', 2)];
    sqs.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [
        { Id: String(failed['sk']), Code: 'InternalError', SenderFault: false },
        { Id: String(refused['sk']), Code: 'InvalidMessageContents', SenderFault: true },
      ],
    });
    const answer = await handler(
      {
        Records: [record('INSERT', refused, 7), record('INSERT', failed, 8)],
      },
      context,
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '8' }] });
    expect(puts()).toMatchObject([
      {
        table: 'table-parked',
        item: { pk: 'outbox', sk: refused['sk'], cause: 'InvalidMessageContents' },
      },
      { table: 'table-outbox', item: { kind: 'ledger', sent: [], parked: [refused['sk']] } },
    ]);
    const { parkedAtMs, expiresAtMs } = puts()[0]?.item ?? {};
    expect(Number(expiresAtMs) - Number(parkedAtMs)).toBe(retention.parkedMs);
  });

  it('says of each event where it went, in the trace of its request and without names', async () => {
    const created = itemOf('order.created', 1);
    const written = await lines(() =>
      handler({ Records: [record('INSERT', created, 1)] }, context),
    );
    expect(written).toContainEqual(
      expect.objectContaining({
        message: 'event relayed',
        trace_id: trace.traceId,
        event_id: String(created['sk']),
        event_type: 'order.created',
        queue: 'order:process',
        lag_ms: expect.any(Number),
      }),
    );
    expect(written).toContainEqual(
      expect.objectContaining({ EventsRelayed: 1, queue: 'order:process' }),
    );
    expect(written).toContainEqual(
      expect.objectContaining({ RelayLag: expect.any(Number), queue: 'order:process' }),
    );
    expect(JSON.stringify(written)).not.toContain('acme');
  });

  it('relays all the same while no pseudonyms can be had', async () => {
    secrets.reset();
    secrets.rejects(new Error('down'));
    const answer = await handler(
      { Records: [record('INSERT', itemOf('order.created', 1), 1)] },
      context,
    );
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  describe('ends what is remembered and is old by its events', () => {
    it('once a tenant and batch, however many they are', async () => {
      const items = [
        itemOf('order.created', 1),
        itemOf('order.confirmed', 2),
        itemOf('order.created', 3, 'globex'),
        itemOf('order.changed', 4, 'initech'),
      ];
      await handler({ Records: items.map((item, n) => record('INSERT', item, n + 1)) }, context);
      expect(bumps()).toEqual([
        { table: 'table-state', pk: 'tag#acme#sales' },
        { table: 'table-state', pk: 'tag#globex#sales' },
      ]);
    });

    it('of those that were handed on: the others come again', async () => {
      sqs.on(SendMessageBatchCommand).rejects(new Error('down'));
      await handler({ Records: [record('INSERT', itemOf('order.created', 1), 1)] }, context);
      expect(bumps()).toEqual([]);
    });

    it('or says that it could not, without a name, and hands on all the same', async () => {
      dynamo.on(UpdateItemCommand).rejects(new RangeError('down'));
      let answer: unknown;
      const written = await lines(async () => {
        const Records = [record('INSERT', itemOf('order.created', 1), 1)];
        answer = await handler({ Records }, context);
      });
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(written).toContainEqual(
        expect.objectContaining({
          level: 'WARN',
          message: 'cache invalidation-failed',
          resilience: expect.objectContaining({ subject: 'sales', error: 'RangeError' }),
        }),
      );
      expect(JSON.stringify(written)).not.toContain('acme');
    });
  });
});
