/**
 * What a good team writes today from packages: rate-limiter-flexible, Powertools' idempotency with
 * its own DynamoDB layer, and a transaction with an outbox event.
 */
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { RateLimiterDynamo, RateLimiterRes } from 'rate-limiter-flexible';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { decideOrder, limit, type NewOrder, RefusedError, type Stack } from './order.ts';

export interface StockTables {
  readonly domain: string;
  readonly outbox: string;
  /** Partition key `id`. */
  readonly idempotency: string;
  /** Partition key `key`. */
  readonly limits: string;
}

export function stockStack(client: DynamoDB, tables: StockTables): Stack {
  const limiter = new RateLimiterDynamo({
    storeClient: client,
    tableName: tables.limits,
    tableCreated: true,
    ttlSet: true,
    keyPrefix: 'user',
    points: limit.points,
    duration: limit.seconds,
    // Its own way to refuse from memory what it has refused before.
    inMemoryBlockOnConsumed: limit.points,
  });
  const config = new IdempotencyConfig({
    eventKeyJmesPath: '[tenant, user, key]',
    payloadValidationJmesPath: 'body',
    throwOnNoIdempotencyKey: true,
    hashFunction: 'sha256',
    lambdaContext: { getRemainingTimeInMillis: () => 10_000 } as Context,
  });
  const create = makeIdempotent(
    async (request: NewOrder) => {
      const order = decideOrder(request, uuidV7());
      if (!order) throw new RefusedError('too many');
      const { tenant, user, body } = request;
      const put = (TableName: string, item: object) => ({
        Put: {
          TableName,
          Item: marshall(item),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      });
      await client.transactWriteItems({
        TransactItems: [
          put(tables.domain, {
            pk: `${tenant}#order#${order.id}`,
            sk: 'order',
            user,
            ...body,
            ...order,
          }),
          put(tables.outbox, {
            pk: String(Math.floor(Date.now() / 600_000)),
            sk: uuidV7(),
            type: 'order.created',
            aggregate: order.id,
            seq: 1,
            data: { orderId: order.id, userId: user },
          }),
        ],
      });
      return order;
    },
    {
      persistenceStore: new DynamoDBPersistenceLayer({
        tableName: tables.idempotency,
        awsSdkV3Client: client,
      }),
      config,
    },
  );
  return {
    async placeOrder(request) {
      try {
        await limiter.consume(`${request.tenant}#${request.user}`);
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) throw new RefusedError('rate limited');
        throw refusal;
      }
      return create(request);
    },
    useUp: (user, points) =>
      client.putItem({
        TableName: tables.limits,
        Item: marshall({
          key: `user:acme#${user}`,
          points,
          expire: Math.ceil(Date.now() / 1_000) + limit.seconds,
        }),
      }),
  };
}
