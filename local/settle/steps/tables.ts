import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { step } from '../step.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));

const properties = z.object({
  BillingMode: z.string(),
  KeySchema: keySchema,
  DeletionProtectionEnabled: z.boolean().default(false),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({ ProjectionType: z.string() }),
      }),
    )
    .default([]),
});

/** Keys, indexes, capacity and stream of a table. */
export const tables = step({
  name: 'table',
  type: 'AWS::DynamoDB::Table',
  properties,
  wanted: (table) => settingsOf(table.BillingMode, table),
  async read({ dynamodb }, _, { physicalId }) {
    const { Table = {} } = await dynamodb.send(new DescribeTableCommand({ TableName: physicalId }));
    return settingsOf(Table.BillingModeSummary?.BillingMode, Table);
  },
});

interface Described {
  readonly KeySchema?: readonly Key[] | undefined;
  readonly DeletionProtectionEnabled?: boolean | undefined;
  readonly StreamSpecification?: { readonly StreamViewType?: string | undefined } | undefined;
  readonly GlobalSecondaryIndexes?: readonly Index[] | undefined;
}

interface Key {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}

interface Index {
  readonly IndexName?: string | undefined;
  readonly KeySchema?: readonly Key[] | undefined;
  readonly Projection?: { readonly ProjectionType?: string | undefined } | undefined;
}

const settingsOf = (billing: string | undefined, table: Described) => ({
  billing,
  keys: keysOf(table.KeySchema),
  'deletion protection': table.DeletionProtectionEnabled,
  stream: table.StreamSpecification?.StreamViewType,
  indexes: (table.GlobalSecondaryIndexes ?? [])
    .map(
      ({ IndexName, KeySchema, Projection }) =>
        `${IndexName} ${keysOf(KeySchema)} ${Projection?.ProjectionType}`,
    )
    .sort()
    .join(', '),
});

const keysOf = (keys: readonly Key[] = []): string =>
  keys.map(({ AttributeName, KeyType }) => `${AttributeName}:${KeyType}`).join(' ');
