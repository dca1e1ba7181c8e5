/** A table, gone with its probe. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { Bench } from '../lab.ts';

export interface TableOptions {
  readonly hint?: string;
  /** A sort key `sk`, a string as `pk` is. */
  readonly sortKey?: boolean;
  readonly stream?: boolean;
  /** Units a second of reads and of writes each. Default: on demand. */
  readonly capacity?: number;
}

export interface Table {
  readonly name: string;
  /** Empty without a stream. */
  readonly streamArn: string;
}

export async function createTable(
  { clients: { dynamodb }, name, later }: Bench,
  { hint = 'table', sortKey = false, stream = false, capacity }: TableOptions = {},
): Promise<Table> {
  const TableName = name(hint);
  later(() => dynamodb.send(new DeleteTableCommand({ TableName })));
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        ...(sortKey ? [{ AttributeName: 'sk', KeyType: 'RANGE' as const }] : []),
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        ...(sortKey ? [{ AttributeName: 'sk', AttributeType: 'S' as const }] : []),
      ],
      ...throughput(capacity),
      ...(stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    }),
  );
  await waitUntilTableExists({ client: dynamodb, minDelay: 1, maxWaitTime: 20 }, { TableName });
  return { name: TableName, streamArn: TableDescription?.LatestStreamArn ?? '' };
}

const throughput = (
  capacity: number | undefined,
): Pick<CreateTableCommandInput, 'BillingMode' | 'ProvisionedThroughput'> =>
  capacity === undefined
    ? { BillingMode: 'PAY_PER_REQUEST' }
    : {
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: capacity, WriteCapacityUnits: capacity },
      };
