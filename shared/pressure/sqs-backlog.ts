/** How much waits in a queue, from SQS. */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../aws/client-options.ts';

/** One try: a reading that fails is made again soon, and nobody waits for it. */
export const backlogClient = (): SQSClient =>
  new SQSClient(clientOptions({ maxAttempts: 1, requestTimeoutMs: 500 }));

export interface SqsBacklogOptions {
  readonly client: SQSClient;
  /** The URL of each queue. */
  readonly urls: Readonly<Record<string, string>>;
}

/**
 * Messages that wait and messages that somebody has in hand: a message that failed and is hidden until
 * its next attempt is work to be done. Delayed ones do not count: they are put off on purpose, by
 * us for a second or two, or for minutes by the pace of a replay, which is no load yet.
 */
const counted = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** @throws RangeError for a queue without URL, or an answer without numbers; and what SQS throws. */
export const sqsBacklog =
  ({ client, urls }: SqsBacklogOptions) =>
  async (queue: string): Promise<number> => {
    const QueueUrl = urls[queue];
    if (!QueueUrl) throw new RangeError(`no queue stands for '${queue}'`);
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counted] }),
    );
    const backlog = counted.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    if (!Number.isFinite(backlog)) throw new RangeError(`${queue} does not say how much waits`);
    return backlog;
  };
