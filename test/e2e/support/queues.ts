/** Queues as an operator has them: sends to them, and looks at what they gave up. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { FunctionName } from '#functions/tables/functions.ts';
import { deadLetterName, resourceName } from '#functions/tables/names.ts';
import type { QueueName } from '#functions/tables/queues.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import type { Letter } from '#shared/parking/letter.ts';
import { readLetter } from '#shared/parking/letter-items.ts';
import { everyItemOf } from './auditor.ts';
import { stage } from './stage.ts';

const sqs = new SQSClient(clientOptions(patience));
/** A sweeper runs for most of a minute. */
const lambda = new LambdaClient(clientOptions({ ...patience, requestTimeoutMs: 60_000 }));

const urlOf = async (QueueName: string) =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;

/** `traceparent` lets its story be found. */
export async function sendTo(
  queue: QueueName,
  body: string,
  traceparent?: string,
): Promise<string> {
  const QueueUrl = await urlOf(resourceName(stage, queue));
  const { MessageId = '' } = await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: body,
      ...(traceparent && {
        MessageAttributes: { traceparent: { DataType: 'String', StringValue: traceparent } },
      }),
    }),
  );
  return MessageId;
}

/** The letters of a queue as they stand in the table of parked things, bodies included. */
export async function parkedLettersOf(queue: QueueName): Promise<readonly Letter[]> {
  const items = await everyItemOf('parked');
  return items
    .filter(({ pk, kind }) => pk === queue && kind === 'letter')
    .flatMap((item) => readLetter(item, Date.now()) ?? []);
}

/** For how long a received message is hidden. @returns what it was before. */
export async function hideFor(queue: QueueName, seconds: number): Promise<number> {
  const QueueUrl = await urlOf(resourceName(stage, queue));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { VisibilityTimeout: String(seconds) },
    }),
  );
  return Number(Attributes['VisibilityTimeout']);
}

/** Messages in a queue's dead-letter queue, in whatever state. */
export async function deadLetterDepth(queue: QueueName): Promise<number> {
  const counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await urlOf(deadLetterName(stage, queue)),
      AttributeNames: [...counts],
    }),
  );
  return counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
}

/** Runs a function now, as its schedule would. */
export async function invoke(name: FunctionName): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: resourceName(stage, name), Payload: '{}' }),
  );
  if (FunctionError) throw new Error(`${name}: ${Buffer.from(Payload ?? []).toString()}`);
}
