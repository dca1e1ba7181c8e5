/**
 * What of a stage is still in the account, looked up by name and service by service: a stack that is
 * gone says nothing of what it left behind.
 */
import {
  APIGatewayClient,
  paginateGetApiKeys,
  paginateGetRestApis,
} from '@aws-sdk/client-api-gateway';
import { BackupClient, paginateListBackupVaults } from '@aws-sdk/client-backup';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  paginateDescribeAlarms,
  paginateListDashboards,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { logGroupName as logGroupOf, resourceName, type Stage } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { stacksOf } from './stacks.ts';

const patient = () => clientOptions(patience);

/** Log groups are named by what they are of. */
const logFolders = (stage: Stage, apiId: string | undefined): readonly string[] => [
  logGroupOf(stage, ''),
  `/aws/apigateway/${resourceName(stage, '')}`,
  ...(apiId ? [`API-Gateway-Execution-Logs_${apiId}/`] : []),
];

type Names = AsyncIterable<readonly (string | undefined)[]>;

/** How each kind of thing is listed. All of them are named in full by the stage. */
const kinds: Readonly<Record<string, (stage: Stage) => Names>> = {
  async *stack(stage) {
    const stacks = await stacksOf(stage, new CloudFormationClient(patient()));
    yield stacks.map(({ name, status }) => `${name} (${status})`);
  },
  async *table() {
    const pages = paginateListTables({ client: new DynamoDBClient(patient()) }, {});
    for await (const { TableNames = [] } of pages) yield TableNames;
  },
  async *queue(stage) {
    const pages = paginateListQueues(
      { client: new SQSClient(patient()) },
      { QueueNamePrefix: resourceName(stage, ''), MaxResults: 1_000 },
    );
    for await (const { QueueUrls = [] } of pages)
      yield QueueUrls.map((url) => url.split('/').at(-1));
  },
  async *function() {
    const pages = paginateListFunctions({ client: new LambdaClient(patient()) }, {});
    for await (const { Functions = [] } of pages) yield Functions.map((one) => one.FunctionName);
  },
  async *secret() {
    const pages = paginateListSecrets({ client: new SecretsManagerClient(patient()) }, {});
    for await (const { SecretList = [] } of pages) yield SecretList.map(({ Name }) => Name);
  },
  async *API() {
    const pages = paginateGetRestApis({ client: new APIGatewayClient(patient()) }, {});
    for await (const { items = [] } of pages) yield items.map(({ name }) => name);
  },
  async *'API key'() {
    const pages = paginateGetApiKeys({ client: new APIGatewayClient(patient()) }, {});
    for await (const { items = [] } of pages) yield items.map(({ name }) => name);
  },
  async *alarm(stage) {
    const pages = paginateDescribeAlarms(
      { client: new CloudWatchClient(patient()) },
      { AlarmNamePrefix: resourceName(stage, '') },
    );
    for await (const { MetricAlarms = [] } of pages)
      yield MetricAlarms.map(({ AlarmName }) => AlarmName);
  },
  async *dashboard(stage) {
    const pages = paginateListDashboards(
      { client: new CloudWatchClient(patient()) },
      { DashboardNamePrefix: resourceName(stage, '') },
    );
    for await (const { DashboardEntries = [] } of pages)
      yield DashboardEntries.map(({ DashboardName }) => DashboardName);
  },
  async *vault() {
    const pages = paginateListBackupVaults({ client: new BackupClient(patient()) }, {});
    for await (const { BackupVaultList = [] } of pages)
      yield BackupVaultList.map(({ BackupVaultName }) => BackupVaultName);
  },
};

/**
 * @param apiId of the stage's API, by which the gateway's own logs are found, where it is known.
 * @returns a line a thing: `table holdfast-sandbox-domain`. Empty when nothing is left.
 */
export async function leftOf(stage: Stage, apiId?: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    Object.entries(kinds).map(async ([kind, list]) =>
      (await names(list(stage)))
        .filter((name) => name.startsWith(resourceName(stage, '')))
        .map((name) => `${kind} ${name}`),
    ),
  );
  return [...lists.flat(), ...(await logGroups(stage, apiId)).map((name) => `log group ${name}`)];
}

async function names(pages: Names): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const page of pages) all.push(...page.filter((name) => name !== undefined));
  return all;
}

async function logGroups(stage: Stage, apiId: string | undefined): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient(patient());
  const found: string[] = [];
  for (const logGroupNamePrefix of logFolders(stage, apiId))
    for await (const { logGroups: page = [] } of paginateDescribeLogGroups(
      { client },
      { logGroupNamePrefix },
    ))
      found.push(...page.flatMap(({ logGroupName: name }) => (name ? [name] : [])));
  return found;
}

/**
 * A function or a gateway that still wrote while its stack went has made its log group anew, and no
 * stack knows of that one. @returns how many there were.
 */
export async function dropLogGroups(stage: Stage, apiId?: string): Promise<number> {
  const client = new CloudWatchLogsClient(patient());
  const left = await logGroups(stage, apiId);
  for (const logGroupName of left) await client.send(new DeleteLogGroupCommand({ logGroupName }));
  return left.length;
}
