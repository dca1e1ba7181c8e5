/** What deploy and destroy ask of an account, asked of an engine: the answers have AWS's own form. */
import { APIGatewayClient, CreateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { BackupClient, CreateBackupVaultCommand } from '@aws-sdk/client-backup';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListDashboardsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { logGroupName, resourceName, stackName } from '#functions/tables/names.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { dropLogGroups, leftOf } from '#local/account/left.ts';
import { assertBootstrapped, placeOfCaller } from '#local/account/reach.ts';
import { stacksOf } from '#local/account/stacks.ts';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { readApiKeys } from '#ops/api-keys.ts';
import { StackMissingError } from '#ops/stack.ts';

const stage = 'sandbox';
const cloudFormation = () => new CloudFormationClient({});
const apiId = 'a1b2c3';
const gatewayLogs = (api: string) => `API-Gateway-Execution-Logs_${api}/v1`;

describe('an account', () => {
  it('says who calls, and where', async () => {
    const { account, region, caller } = await placeOfCaller();
    expect(account).toMatch(/^\d{12}$/);
    expect(region).toBe('us-east-1');
    expect(caller).toMatch(/^arn:aws:/);
  });

  it('is not prepared until the CDK has noted its version', async () => {
    const place = await placeOfCaller();
    await expect(assertBootstrapped(place, stage)).rejects.toThrow(EnvironmentMissing);
    const Name = '/cdk-bootstrap/hnb659fds/version';
    await new SSMClient({}).send(new PutParameterCommand({ Name, Value: '28', Type: 'String' }));
    await assertBootstrapped(place, stage);
  });
});

describe('the API keys of a stage', () => {
  it('are those of its demo tenants, by the names that the stage gives them', async () => {
    const client = new APIGatewayClient({});
    await expect(readApiKeys(stage, client)).rejects.toThrow(StackMissingError);
    const tenants = Object.keys(demoTenants);
    for (const tenant of tenants) {
      const name = resourceName(stage, tenant);
      await client.send(new CreateApiKeyCommand({ name, value: `${tenant}-0123456789abcdef` }));
      const other = resourceName('local', tenant);
      await client.send(
        new CreateApiKeyCommand({ name: other, value: `other-${tenant}-0123456789` }),
      );
    }
    expect(await readApiKeys(stage, client)).toEqual(
      Object.fromEntries(tenants.map((tenant) => [tenant, `${tenant}-0123456789abcdef`])),
    );
  });
});

describe('what is left of a stage', () => {
  beforeAll(async () => {
    const template = (QueueName: string) =>
      JSON.stringify({
        Resources: { q: { Type: 'AWS::SQS::Queue', Properties: { QueueName } } },
        Outputs: { ApiId: { Value: apiId } },
      });
    for (const [StackName, queue] of [
      [stackName(stage, 'service'), resourceName(stage, 'order:process')],
      ['holdfast-sandbox2-service', 'holdfast-sandbox2-order-process'],
    ] as const)
      await cloudFormation().send(
        new CreateStackCommand({ StackName, TemplateBody: template(queue) }),
      );
    await new SQSClient({}).send(
      new CreateQueueCommand({ QueueName: resourceName(stage, 'stray') }),
    );
    for (const of of ['sandbox', 'local'] as const) {
      await new CloudWatchClient({}).send(
        new PutMetricAlarmCommand({
          AlarmName: resourceName(of, 'too-late'),
          Namespace: 'n',
          MetricName: 'm',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
      await new BackupClient({}).send(
        new CreateBackupVaultCommand({ BackupVaultName: resourceName(of, 'backups') }),
      );
    }
    for (const name of [
      logGroupName(stage, 'health'),
      logGroupName('local', 'health'),
      gatewayLogs(apiId),
      gatewayLogs('other'),
    ])
      await new CloudWatchLogsClient({}).send(new CreateLogGroupCommand({ logGroupName: name }));
  });

  it('is listed by kind and name, and nothing of another stage', async () => {
    await vi.waitFor(async () =>
      expect(await stacksOf(stage, cloudFormation())).toMatchObject([
        { resources: 1, outputs: { ApiId: apiId } },
      ]),
    );
    const left = await leftOf(stage, apiId);
    expect(left).toEqual(
      expect.arrayContaining([
        `stack ${stackName(stage, 'service')} (CREATE_COMPLETE)`,
        `queue ${resourceName(stage, 'order:process')}`,
        `queue ${resourceName(stage, 'stray')}`,
        `API key ${resourceName(stage, 'acme')}`,
        `alarm ${resourceName(stage, 'too-late')}`,
        `vault ${resourceName(stage, 'backups')}`,
        `log group ${logGroupName(stage, 'health')}`,
        `log group ${gatewayLogs(apiId)}`,
      ]),
    );
    expect(left.filter((line) => /sandbox2|local|other/.test(line))).toEqual([]);
  });

  it('may be a dashboard, which MiniStack dates in a form that no client reads', async () => {
    const cloudWatch = mockClient(CloudWatchClient);
    onTestFinished(() => cloudWatch.restore());
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [] });
    cloudWatch
      .on(ListDashboardsCommand, { DashboardNamePrefix: resourceName(stage, '') })
      .resolves({ DashboardEntries: [{ DashboardName: resourceName(stage, 'service') }] });
    expect(await leftOf(stage)).toContain(`dashboard ${resourceName(stage, 'service')}`);
  });

  it('is no longer the stack that is gone, nor log groups that were dropped', async () => {
    const StackName = stackName(stage, 'service');
    await cloudFormation().send(new DeleteStackCommand({ StackName }));
    await vi.waitFor(async () => expect(await stacksOf(stage, cloudFormation())).toEqual([]));
    expect(await dropLogGroups(stage, apiId)).toBe(2);
    const left = await leftOf(stage, apiId);
    expect(left).not.toContain(`log group ${logGroupName(stage, 'health')}`);
    expect(left.some((line) => line.startsWith('stack '))).toBe(false);
    expect(left).toContain(`queue ${resourceName(stage, 'stray')}`);
  });
});
