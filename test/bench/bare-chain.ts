/** Table, stream, function, queue, function, with no code of ours in between: the yardstick. */
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { build } from 'esbuild';
import { zipOf } from '#local/zip.ts';
import { clientOptions } from '#shared/aws/client-options.ts';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { untilVisible } from './until-visible.ts';

export interface Chain {
  /** Milliseconds from the accepted write to the worker's effect. */
  run(): Promise<number>;
}

const { once: dynamodb } = dynamoClients();
const lambda = new LambdaClient(clientOptions({ requestTimeoutMs: 10_000 }));
const sqs = new SQSClient(clientOptions());

export async function bareChain(): Promise<Chain> {
  const sourceStream = await createTable('bare-source', true);
  await createTable('bare-effects', false);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'bare-queue' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await createFunction('bare-relay', { QUEUE_URL: QueueUrl });
  await createFunction('bare-worker', { EFFECTS: 'bare-effects' });
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'bare-relay',
      EventSourceArn: sourceStream,
      StartingPosition: 'TRIM_HORIZON',
    }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'bare-worker',
      EventSourceArn: Attributes?.['QueueArn'],
    }),
  );
  const store = dynamoStore({ tables: { effects: 'bare-effects' } });
  return {
    async run() {
      const pk = crypto.randomUUID();
      await dynamodb.send(
        new PutItemCommand({ TableName: 'bare-source', Item: { pk: { S: pk } } }),
      );
      return untilVisible(
        async () => (await store.read({ table: 'effects', key: { pk } })) !== undefined,
      );
    },
  };
}

async function createTable(TableName: string, stream: boolean): Promise<string> {
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      ...(stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const },
      }),
    }),
  );
  return TableDescription?.LatestStreamArn ?? '';
}

async function createFunction(name: string, Variables: Record<string, string>): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    write: false,
  });
  const [code] = outputFiles;
  if (!code) throw new Error(`${name} has no code`);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/bare',
      MemorySize: 512,
      Timeout: 10,
      Code: { ZipFile: zipOf('index.js', code.contents) },
      Environment: { Variables },
    }),
  );
}
