/** How much is left in the queues. */
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { deadLetterName, resourceName } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { stage } from './stage.ts';

const sqs = new SQSClient(clientOptions(patience));

/** Messages in all queues and their dead letters, those that somebody has in hand among them. */
export async function messagesLeft(): Promise<number> {
  const names = (Object.keys(queues) as QueueName[]).flatMap((queue) => [
    resourceName(stage, queue),
    deadLetterName(stage, queue),
  ]);
  const depths = await Promise.all(names.map(depthOf));
  return depths.reduce((sum, depth) => sum + depth, 0);
}

async function depthOf(QueueName: string): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible) +
    Number(Attributes.ApproximateNumberOfMessagesDelayed)
  );
}
