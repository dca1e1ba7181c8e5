/** Copies that outlive the tables: point-in-time recovery goes with its table, these do not. */
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { resourceName } from '#functions/tables/names.ts';
import { tables } from '#functions/tables/tables.ts';
import { type HoldfastProps, stackProps } from '../props.ts';

export class RecoveryStack extends Stack {
  constructor(scope: Construct, props: HoldfastProps) {
    super(scope, 'Recovery', stackProps('recovery', props));
    const { stage, config } = props;
    const backupVault = new BackupVault(this, 'vault', {
      backupVaultName: resourceName(stage, 'backups'),
      removalPolicy: config.throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    const plan = new BackupPlan(this, 'plan', {
      backupPlanName: resourceName(stage, 'daily'),
      backupVault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'daily',
          scheduleExpression: Schedule.cron({ hour: '3', minute: '0' }),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(4),
          // As far back as point-in-time recovery reaches, so that a dropped table is no worse.
          deleteAfter: Duration.days(35),
        }),
      ],
    });
    plan.addSelection('tables', {
      resources: Object.keys(tables).map((name) =>
        BackupResource.fromDynamoDbTable(
          Table.fromTableName(this, name, resourceName(stage, name)),
        ),
      ),
    });
  }
}
