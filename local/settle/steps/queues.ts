import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { lastName } from '../resource.ts';
import { step } from '../step.ts';

const redrive = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() });

const properties = z.object({
  VisibilityTimeout: z.number().default(30),
  MessageRetentionPeriod: z.number().default(345_600),
  SqsManagedSseEnabled: z.boolean().default(true),
  RedrivePolicy: redrive.optional(),
});

const redriveOf = (policy: z.infer<typeof redrive> | undefined): string =>
  policy
    ? `after ${policy.maxReceiveCount} receives to ${lastName(policy.deadLetterTargetArn)}`
    : 'none';

/** How long a queue keeps and hides messages, and where it puts those that nobody can take. */
export const queues = step({
  name: 'queue',
  type: 'AWS::SQS::Queue',
  properties,
  wanted: (queue) => ({
    'visibility timeout': queue.VisibilityTimeout,
    retention: queue.MessageRetentionPeriod,
    encrypted: queue.SqsManagedSseEnabled,
    redrive: redriveOf(queue.RedrivePolicy),
  }),
  async read({ sqs }, _, { physicalId }) {
    const { Attributes: found = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: physicalId, AttributeNames: ['All'] }),
    );
    const policy = found['RedrivePolicy'];
    return {
      'visibility timeout': Number(found['VisibilityTimeout']),
      retention: Number(found['MessageRetentionPeriod']),
      encrypted: found['SqsManagedSseEnabled'] === 'true',
      redrive: redriveOf(policy ? redrive.parse(JSON.parse(policy)) : undefined),
    };
  },
});
