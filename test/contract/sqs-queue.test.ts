import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import { message, type QueueUnderTest, queueContract } from './queue-contract.ts';

const client = sqsClient();
const made: string[] = [];

async function make(): Promise<QueueUnderTest> {
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({
      QueueName: `contract-${crypto.randomUUID()}`,
      Attributes: { VisibilityTimeout: '60' },
    }),
  );
  made.push(QueueUrl);
  return {
    queue: sqsQueue({ client, urls: { things: QueueUrl } }),
    name: 'things',
    async receive() {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
        }),
      );
      return Messages.map(({ ReceiptHandle = '', Body = '', MessageAttributes = {} }) => ({
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue ?? '']),
        ),
      }));
    },
  };
}

describe('SQS queue', () => {
  afterAll(async () => {
    for (const QueueUrl of made) await client.send(new DeleteQueueCommand({ QueueUrl }));
  });

  queueContract(make);

  it('throws for a queue that does not exist', async () => {
    const queue = sqsQueue({ client, urls: { gone: `${made[0]}-gone` } });
    await expect(queue.send('gone', [message('a')])).rejects.toThrow();
  });
});
