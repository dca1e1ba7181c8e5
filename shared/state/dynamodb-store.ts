/** The ports over DynamoDB. */
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type DynamoClients, dynamoClients } from './dynamodb-client.ts';
import { toKey, toTransactItem } from './dynamodb-expressions.ts';
import { conditionOf, type Item, type Write } from './items.ts';
import {
  type ItemWriter,
  type RangeReader,
  type Refusal,
  TransactionInvalidError,
  type TransactionStore,
} from './store.ts';

export interface DynamoStoreOptions {
  /** The physical name of each table's role. */
  readonly tables: Readonly<Record<string, string>>;
  readonly clients?: DynamoClients;
}

export type DynamoStore = TransactionStore & ItemWriter & RangeReader;

export function dynamoStore({
  tables,
  clients: { once, again } = dynamoClients(),
}: DynamoStoreOptions): DynamoStore {
  const physical = (role: string): string => {
    const name = tables[role];
    if (!name) throw new RangeError(`no table stands for '${role}'`);
    return name;
  };

  return {
    async read(at, { consistent = true } = {}) {
      const { Item } = await again.send(
        new GetItemCommand({
          TableName: physical(at.table),
          Key: toKey(at),
          ConsistentRead: consistent,
        }),
      );
      return Item && (unmarshall(Item) as Item);
    },

    async write(write, { returnItem = false } = {}) {
      const { Put, Update, Delete } = toTransactItem(write, physical(write.at.table));
      const client = isRepeatable(write) ? again : once;
      try {
        if (Put) {
          await client.send(new PutItemCommand(Put));
          return { applied: true, ...(returnItem && { item: unmarshall(Put.Item ?? {}) as Item }) };
        }
        if (Update) {
          const ReturnValues = returnItem ? 'ALL_NEW' : 'NONE';
          const { Attributes } = await client.send(
            new UpdateItemCommand({ ...Update, ReturnValues }),
          );
          return { applied: true, ...(Attributes && { item: unmarshall(Attributes) as Item }) };
        }
        if (!Delete) throw new TransactionInvalidError('a check alone writes nothing: use read');
        await client.send(new DeleteItemCommand(Delete));
        return { applied: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return error.Item
          ? { applied: false, item: unmarshall(error.Item) as Item }
          : { applied: false };
      }
    },

    async commit({ token, writes }) {
      try {
        await once.send(
          new TransactWriteItemsCommand({
            ClientRequestToken: token,
            TransactItems: writes.map((write) => toTransactItem(write, physical(write.at.table))),
          }),
        );
        return { applied: true };
      } catch (error) {
        if (error instanceof TransactionCanceledException)
          return { applied: false, refusals: (error.CancellationReasons ?? []).map(toRefusal) };
        if (isInvalid(error))
          throw new TransactionInvalidError((error as Error).message, { cause: error });
        throw error;
      }
    },

    async page({ table, index, partition, sort, limit, after, descending, consistent }) {
      const { Items = [], LastEvaluatedKey } = await again.send(
        new QueryCommand({
          TableName: physical(table),
          ...(index && { IndexName: index }),
          KeyConditionExpression: `#partition = :partition${sort.prefix ? ' AND begins_with(#sort, :prefix)' : ''}`,
          ExpressionAttributeNames: {
            '#partition': partition.name,
            ...(sort.prefix && { '#sort': sort.name }),
          },
          ExpressionAttributeValues: marshall({
            ':partition': partition.value,
            ...(sort.prefix && { ':prefix': sort.prefix }),
          }),
          Limit: limit,
          ...(after && { ExclusiveStartKey: marshall(after) }),
          ScanIndexForward: !descending,
          ConsistentRead: consistent ?? false,
        }),
      );
      const items = Items.map((item) => unmarshall(item) as Item);
      return LastEvaluatedKey ? { items, next: unmarshall(LastEvaluatedKey) as Item } : { items };
    },
  };
}

/** Done twice, it is as if done once: no condition that the first time could break, and no sum. */
const isRepeatable = (write: Write): boolean =>
  conditionOf(write) === undefined && !('add' in write && write.add);

/** Nothing was written, and the same request can never succeed. */
const isInvalid = (error: unknown): boolean =>
  error instanceof IdempotentParameterMismatchException ||
  (error instanceof Error &&
    ['ValidationException', 'ResourceNotFoundException', 'AccessDeniedException'].includes(
      error.name,
    ));

function toRefusal({ Code, Item, Message }: CancellationReason): Refusal {
  switch (Code) {
    case undefined:
    case 'None':
      return { because: 'none' };
    case 'ConditionalCheckFailed':
      return Item
        ? { because: 'condition', item: unmarshall(Item) as Item }
        : { because: 'condition' };
    case 'TransactionConflict':
      return { because: 'conflict' };
    case 'ThrottlingError':
    case 'ProvisionedThroughputExceeded':
      return { because: 'throttled' };
    default:
      throw new TransactionInvalidError(`${Code}: ${Message}`);
  }
}
