/** The bare chain's first half: a stream's new items into a queue. Nothing is guarded. */
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBStreamEvent } from 'aws-lambda';

const client = new SQSClient({});

export async function handler({ Records }: DynamoDBStreamEvent): Promise<void> {
  const ids = Records.flatMap(({ dynamodb }) => dynamodb?.NewImage?.['pk']?.S ?? []);
  console.log(`relayed ${ids.length}`);
  for (let from = 0; from < ids.length; from += 10)
    await client.send(
      new SendMessageBatchCommand({
        QueueUrl: process.env['QUEUE_URL'],
        Entries: ids
          .slice(from, from + 10)
          .map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    );
}
