/** The service's tables on a bare engine, made from their table of facts, for tests of stores alone. */
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type TableRow, tables } from '#functions/tables/tables.ts';

/** Names are `<prefix>-<role>`. */
export async function createTables(client: DynamoDBClient, prefix: string): Promise<void> {
  for (const [role, row] of Object.entries<TableRow>(tables))
    await client.send(new CreateTableCommand(toTable(`${prefix}-${role}`, row)));
}

function toTable(name: string, { partitionKey, sortKey, indexes = {} }: TableRow) {
  const keySchema = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
  ];
  const keys = [
    partitionKey,
    ...(sortKey ? [sortKey] : []),
    ...Object.values(indexes).flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    KeySchema: keySchema(partitionKey, sortKey),
    AttributeDefinitions: [...new Set(keys)].map((key) => ({
      AttributeName: key,
      AttributeType: 'S' as const,
    })),
    ...(Object.keys(indexes).length > 0 && {
      GlobalSecondaryIndexes: Object.entries(indexes).map(([index, row]) => ({
        IndexName: index,
        KeySchema: keySchema(row.partitionKey, row.sortKey),
        Projection: row.attributes
          ? { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...row.attributes] }
          : { ProjectionType: 'ALL' as const },
      })),
    }),
  };
}
