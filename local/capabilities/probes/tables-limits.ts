/** How much a table takes: capacity, the size of an item, how many parts a transaction has. */
import {
  DynamoDBServiceException,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Probe } from '../probe.ts';

/** Whether the table refused it as invalid. */
async function isInvalid(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (fault) {
    if (fault instanceof DynamoDBServiceException && fault.name === 'ValidationException')
      return true;
    throw fault;
  }
}

/** A new table can spend five minutes of its capacity at once; this is more. */
const capacityThrottling: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const [capacity, burstSeconds, unitsEach] = [1, 300, 40];
  const writes = Math.ceil((2 * capacity * burstSeconds) / unitsEach);
  const { name: TableName } = await createTable({ capacity });
  const filler = { S: 'x'.repeat(unitsEach * 1_024 - 64) };
  let refused = 0;
  await Promise.all(
    Array.from({ length: writes }, async (_, n) => {
      try {
        await dynamodb.send(
          new PutItemCommand({ TableName, Item: { pk: { S: String(n) }, filler } }),
        );
      } catch (fault) {
        if (!(fault instanceof ProvisionedThroughputExceededException)) throw fault;
        refused++;
      }
    }),
  );
  return {
    does: refused > 0,
    saw: `${refused} of ${writes} writes of ${unitsEach} units each refused, with ${capacity} unit a second`,
  };
};

const itemSize: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const { name: TableName } = await createTable();
  const write = (kilobytes: number) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'one' }, filler: { S: 'x'.repeat(kilobytes * 1_024) } },
      }),
    );
  await write(390);
  const refused = await isInvalid(write(410));
  return { does: refused, saw: `390 KB written, 410 KB ${refused ? 'refused' : 'written too'}` };
};

const transactionSize: Probe = async ({ clients: { dynamodb }, createTable }) => {
  const { name: TableName } = await createTable();
  const write = (parts: number) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: Array.from({ length: parts }, (_, n) => ({
          Put: { TableName, Item: { pk: { S: String(n) } } },
        })),
      }),
    );
  await write(100);
  const refused = await isInvalid(write(101));
  return { does: refused, saw: `100 parts written, 101 ${refused ? 'refused' : 'written too'}` };
};

export const limitProbes = {
  'capacity-throttling': capacityThrottling,
  'item-size': itemSize,
  'transaction-size': transactionSize,
};
