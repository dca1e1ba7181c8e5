/** What a write may presuppose, and what several of them do together. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Probe } from '../probe.ts';

const put = (TableName: string, pk: string, value: number): TransactWriteItem => ({
  Put: { TableName, Item: { pk: { S: pk }, value: { N: String(value) } } },
});

async function readValue(client: DynamoDBClient, TableName: string, pk: string) {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }),
  );
  return Item?.['value']?.N;
}

/** The error of this kind that it ended with, or undefined when it went well. Others pass on. */
async function faultOf<T extends Error>(
  work: Promise<unknown>,
  kind: abstract new (...args: never[]) => T,
): Promise<T | undefined> {
  try {
    await work;
    return undefined;
  } catch (fault) {
    if (fault instanceof kind) return fault;
    throw fault;
  }
}

const conditionAllOld: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const { name: TableName } = await createTable();
  const Item = { pk: { S: 'one' }, value: { N: '1' } };
  const onlyNew = () =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item,
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  await onlyNew();
  const refused = await faultOf(onlyNew(), ConditionalCheckFailedException);
  if (!refused) return { does: false, saw: 'a condition that fails is ignored' };
  const returned = refused.Item?.['value']?.N;
  return {
    does: returned === '1',
    saw: returned === '1' ? 'refused, with the item' : 'refused, without the item',
  };
};

const transactionAtomic: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const { name } = await createTable();
  await dynamodb.send(
    new TransactWriteItemsCommand({ TransactItems: [put(name, 'a', 1), put(name, 'b', 1)] }),
  );
  if ((await readValue(dynamodb, name, 'b')) !== '1')
    throw new Error('a transaction wrote nothing');
  const cancelled = await faultOf(
    dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          put(name, 'a', 2),
          {
            ConditionCheck: {
              TableName: name,
              Key: { pk: { S: 'b' } },
              ConditionExpression: '#value = :two',
              ExpressionAttributeNames: { '#value': 'value' },
              ExpressionAttributeValues: { ':two': { N: '2' } },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ],
      }),
    ),
    TransactionCanceledException,
  );
  const left = await readValue(dynamodb, name, 'a');
  const reasons = (cancelled?.CancellationReasons ?? []).map(({ Code }) => Code);
  const item = cancelled?.CancellationReasons?.[1]?.Item?.['value']?.N;
  return {
    does: left === '1' && reasons.join() === 'None,ConditionalCheckFailed' && item === '1',
    saw: cancelled
      ? `cancelled (${reasons.join(', ')}), ${left === '1' ? 'nothing' : 'a part'} written, ${item === '1' ? 'with' : 'without'} the item that failed it`
      : 'committed although a condition fails',
  };
};

const transactionConflict: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const [rounds, atOnce] = [10, 16];
  const { name: TableName } = await createTable();
  const add = (pk: string): TransactWriteItem => ({
    Update: {
      TableName,
      Key: { pk: { S: pk } },
      UpdateExpression: 'ADD hits :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
  });
  let conflicts = 0;
  for (let round = 0; round < rounds; round++) {
    const ends = await Promise.all(
      Array.from({ length: atOnce }, () =>
        faultOf(
          dynamodb.send(
            new TransactWriteItemsCommand({ TransactItems: [add('hot'), add(`of-${round}`)] }),
          ),
          TransactionCanceledException,
        ),
      ),
    );
    const codes = ends.map((end) => end?.CancellationReasons?.map(({ Code }) => Code) ?? []);
    conflicts += codes.filter((reasons) => reasons.includes('TransactionConflict')).length;
  }
  return {
    does: conflicts > 0,
    saw: `${conflicts} of ${rounds * atOnce} transactions on one item, ${atOnce} at once, cancelled with TransactionConflict`,
  };
};

const clientRequestToken: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const { name } = await createTable();
  const write = (token: string, by: number) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        ClientRequestToken: token,
        TransactItems: [
          {
            Update: {
              TableName: name,
              Key: { pk: { S: 'counter' } },
              UpdateExpression: 'ADD #value :by',
              ExpressionAttributeNames: { '#value': 'value' },
              ExpressionAttributeValues: { ':by': { N: String(by) } },
            },
          },
        ],
      }),
    );
  const counted = () => readValue(dynamodb, name, 'counter');
  const token = crypto.randomUUID();
  await write(token, 1);
  await write(token, 1);
  const afterTwo = await counted();
  await write(crypto.randomUUID(), 1);
  const afterOther = await counted();
  const refused = await faultOf(write(token, 5), IdempotentParameterMismatchException);
  if (Number(afterOther) !== Number(afterTwo) + 1) throw new Error('another token wrote nothing');
  return {
    does: afterTwo === '1' && refused !== undefined,
    saw: `twice under one token: written ${afterTwo === '1' ? 'once' : 'twice'}; other content under it: ${refused ? 'refused' : 'taken'}`,
  };
};

export const transactionProbes = {
  'condition-all-old': conditionAllOld,
  'transaction-atomic': transactionAtomic,
  'transaction-conflict': transactionConflict,
  'client-request-token': clientRequestToken,
};
