/** What a function may touch: what its row says, on the very things it says, and nothing else. */
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { QueueName } from '#functions/tables/queues.ts';
import type { SecretName } from '#functions/tables/secrets.ts';
import { type TableName, type TableRow, tables } from '#functions/tables/tables.ts';
import type { QueuePair } from './queue-pair.ts';
import type { ServiceFunction } from './service-function.ts';

export interface Touchable {
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly queues: Readonly<Record<QueueName, QueuePair>>;
  readonly secrets: Readonly<Record<SecretName, Secret>>;
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

/** @throws RangeError when the row invokes a function that is not deployed. */
export function permit(grantee: ServiceFunction, things: Touchable): void {
  const { row } = grantee;
  for (const [name, actions] of Object.entries(row.tables ?? {}) as [TableName, string[]][]) {
    const { tableArn } = things.tables[name];
    grantee.allow(
      actions.map((action) => `dynamodb:${action}`),
      tableArn,
    );
    const { indexes }: TableRow = tables[name];
    if (indexes && actions.includes('Query'))
      grantee.allow(
        ['dynamodb:Query'],
        ...Object.keys(indexes).map((index) => `${tableArn}/index/${index}`),
      );
  }
  for (const queue of row.sendsTo ?? [])
    grantee.allow(['sqs:SendMessage'], things.queues[queue].queue.queueArn);
  for (const queue of row.watches ?? [])
    grantee.allow(['sqs:GetQueueAttributes'], things.queues[queue].queue.queueArn);
  for (const queue of row.buries ?? [])
    grantee.allow(['sqs:SendMessage'], things.queues[queue].deadLetters.queueArn);
  for (const secret of row.secrets ?? [])
    grantee.allow(['secretsmanager:GetSecretValue'], things.secrets[secret].secretArn);
  for (const secret of row.rotates ?? [])
    grantee.allow(
      [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      things.secrets[secret].secretArn,
    );
  for (const name of row.invokes ?? []) {
    const invoked = things.functions[name];
    if (!invoked) throw new RangeError(`invokes names '${name}', which is not deployed`);
    grantee.allow(['lambda:InvokeFunction'], invoked.functionArn);
  }
}
