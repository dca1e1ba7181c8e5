/** The queues of a stage, by name. */
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { deadLetterName, resourceName, type Stage } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';

export const queueNames = Object.keys(queues) as QueueName[];

export async function queueUrls(
  client: SQSClient,
  stage: Stage,
): Promise<Readonly<Record<QueueName, string>>> {
  const urls = await Promise.all(
    queueNames.map(async (name) => [name, await urlOf(client, resourceName(stage, name))] as const),
  );
  return Object.fromEntries(urls) as Record<QueueName, string>;
}

async function urlOf(client: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  if (!QueueUrl) throw new Error(`queue ${QueueName} has no address`);
  return QueueUrl;
}

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** Messages that wait, are being worked on, or come back later, by queue; dead letters on their way too. */
export async function depths(
  client: SQSClient,
  stage: Stage,
): Promise<Readonly<Record<string, number>>> {
  const depth = async (name: string, physical: string) => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: await urlOf(client, physical),
        AttributeNames: [...counts],
      }),
    );
    return [name, counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0)] as const;
  };
  const all = queueNames.flatMap((name) => [
    depth(name, resourceName(stage, name)),
    depth(`${name} (dead letters)`, deadLetterName(stage, name)),
  ]);
  return Object.fromEntries(await Promise.all(all));
}
