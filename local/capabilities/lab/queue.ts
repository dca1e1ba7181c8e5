/** A queue, gone with its probe. */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Bench } from '../lab.ts';

export interface QueueOptions {
  readonly hint?: string;
  /** A message that was received and not deleted comes again after this long; whole seconds. */
  readonly visibilityMs?: number;
  /** A message received more often than this goes there. */
  readonly redrive?: { readonly to: Queue; readonly maxReceives: number };
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export async function createQueue(
  { clients: { sqs }, name, later }: Bench,
  { hint = 'queue', visibilityMs = 1_000, redrive }: QueueOptions = {},
): Promise<Queue> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name(hint),
      Attributes: {
        VisibilityTimeout: String(visibilityMs / 1_000),
        ...(redrive && {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.to.arn,
            maxReceiveCount: redrive.maxReceives,
          }),
        }),
      },
    }),
  );
  later(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { url: QueueUrl, arn: Attributes?.['QueueArn'] ?? '' };
}
