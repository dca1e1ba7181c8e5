/** The queue ports over SQS. */
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientOptions } from '../aws/client-options.ts';
import { assertDelays } from './calls.ts';
import type { QueueMessage, QueueSender, Sent, Visibility } from './queue.ts';

/** Two tries: a message sent twice is deduplicated by its consumer. */
export const sqsClient = (): SQSClient => new SQSClient(clientOptions({ maxAttempts: 2 }));

export interface SqsQueueOptions {
  readonly client: SQSClient;
  /** The URL of each queue. */
  readonly urls: Readonly<Record<string, string>>;
}

export function sqsQueue({ client, urls }: SqsQueueOptions): QueueSender & Visibility {
  const urlOf = (queue: string): string => {
    const url = urls[queue];
    if (!url) throw new RangeError(`no queue stands for '${queue}'`);
    return url;
  };

  async function send(queue: string, messages: readonly QueueMessage[]): Promise<readonly Sent[]> {
    assertDelays(messages);
    try {
      const { Successful = [], Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries: messages.map(toEntry) }),
      );
      return messages.map(({ id }): Sent => {
        if (Successful.some(({ Id }) => Id === id)) return { id, sent: true };
        const failed = Failed.find(({ Id }) => Id === id);
        return failed
          ? { id, sent: false, retriable: !failed.SenderFault, code: failed.Code ?? 'unknown' }
          : { id, sent: false, retriable: true, code: 'unanswered' };
      });
    } catch (error) {
      if (!isAboutTheMessages(error)) throw error;
      const [only, ...others] = messages;
      if (only && others.length === 0)
        return [{ id: only.id, sent: false, retriable: false, code: error.name }];
      // One wrong message fails the whole call, which does not say which: each for itself.
      return (await Promise.all(messages.map((message) => send(queue, [message])))).flat();
    }
  }

  return {
    send,
    async hide(queue, receiptHandle, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: urlOf(queue),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
  };
}

/**
 * SQS's own names where its model has them. `InvalidParameterValue`, its word for an attribute that it
 * does not take, is in no model; the SDK then passes on what the answer says, of which there are two
 * spellings.
 */
const errorsAboutMessages: readonly string[] = [
  'InvalidMessageContents',
  'BatchRequestTooLong',
  'InvalidAttributeValue',
  'InvalidParameterValue',
  'InvalidParameterValueException',
];

const isAboutTheMessages = (error: unknown): error is Error =>
  error instanceof Error && errorsAboutMessages.includes(error.name);

const toEntry = ({
  id,
  body,
  attributes,
  traceHeader,
  delaySeconds,
}: QueueMessage): SendMessageBatchRequestEntry => ({
  Id: id,
  MessageBody: body,
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: 'String', StringValue: value },
    ]),
  ),
  ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
  ...(traceHeader && {
    MessageSystemAttributes: {
      AWSTraceHeader: { DataType: 'String', StringValue: traceHeader },
    },
  }),
});
