/** Queues as an operator has them: sends to them, and looks into their dead letters. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { FunctionName } from '#functions/tables/functions.ts';
import { deadLetterName, resourceName } from '#functions/tables/names.ts';
import type { QueueName } from '#functions/tables/queues.ts';
import { clientOptions } from '#shared/aws/client-options.ts';
import { sqsClient } from '#shared/queue/sqs-queue.ts';
import { stage } from './stage.ts';

const sqs = sqsClient();
const lambda = new LambdaClient(clientOptions({ requestTimeoutMs: 60_000 }));

const urlOf = async (QueueName: string) =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;

export async function sendTo(queue: QueueName, body: string): Promise<string> {
  const QueueUrl = await urlOf(resourceName(stage, queue));
  const { MessageId = '' } = await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: body }),
  );
  return MessageId;
}

export interface DeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The letters of a queue that can be received now. They come back after a second. */
export async function deadLettersOf(queue: QueueName): Promise<readonly DeadLetter[]> {
  const QueueUrl = await urlOf(deadLetterName(stage, queue));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 1,
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
    body: Body,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
  }));
}

/** Runs a function now, as its schedule would. */
export async function invoke(name: FunctionName): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: resourceName(stage, name), Payload: '{}' }),
  );
  if (FunctionError) throw new Error(`${name}: ${Buffer.from(Payload ?? []).toString()}`);
}
