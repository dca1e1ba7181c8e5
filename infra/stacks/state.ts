/** What must outlive any change of code: the tables and the secrets. */
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { resourceName } from '#functions/tables/names.ts';
import { type SecretName, secrets } from '#functions/tables/secrets.ts';
import { type TableName, type TableRow, tables } from '#functions/tables/tables.ts';
import { type HoldfastProps, stackProps } from '../props.ts';

export class StateStack extends Stack {
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly secrets: Readonly<Record<SecretName, Secret>>;

  constructor(scope: Construct, props: HoldfastProps) {
    super(scope, 'State', stackProps('state', props));
    const { stage, config } = props;
    const removalPolicy = config.throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    this.tables = mapRows(tables, (name, row: TableRow) => {
      // Table and not TableV2: the latter is a global table, which MiniStack creates anew and empty
      // on an update, and which nothing here needs, with one region.
      const table = new Table(this, name, {
        tableName: resourceName(stage, name),
        partitionKey: text(row.partitionKey),
        ...(row.sortKey && { sortKey: text(row.sortKey) }),
        billingMode: BillingMode.PAY_PER_REQUEST,
        // The account's own key for DynamoDB: every use of it is in CloudTrail, none needs a grant.
        encryption: TableEncryption.AWS_MANAGED,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: !config.throwaway,
        removalPolicy,
        ...(row.ttl && { timeToLiveAttribute: 'ttl' }),
        ...(row.stream && { stream: StreamViewType.NEW_IMAGE }),
      });
      for (const [indexName, index] of Object.entries(row.indexes ?? {}))
        table.addGlobalSecondaryIndex({
          indexName,
          partitionKey: text(index.partitionKey),
          sortKey: text(index.sortKey),
          ...(index.attributes && {
            projectionType: ProjectionType.INCLUDE,
            nonKeyAttributes: [...index.attributes],
          }),
        });
      return table;
    });

    this.secrets = mapRows(
      secrets,
      (name, { means }) =>
        new Secret(this, name, {
          secretName: resourceName(stage, name),
          description: means,
          generateSecretString: { passwordLength: 64, excludePunctuation: true },
          removalPolicy,
        }),
    );
  }
}

const text = (name: string) => ({ name, type: AttributeType.STRING });

function mapRows<Name extends string, Row, Made>(
  rows: Readonly<Record<Name, Row>>,
  make: (name: Name, row: Row) => Made,
): Record<Name, Made> {
  const entries = Object.entries(rows) as [Name, Row][];
  return Object.fromEntries(entries.map(([name, row]) => [name, make(name, row)])) as Record<
    Name,
    Made
  >;
}
