/** A queue and its dead-letter queue, as the queue's row says. */
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { deadLetterName, resourceName } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import { retention } from '#functions/tables/retention.ts';
import type { HoldfastProps } from '../props.ts';

export interface QueuePairProps extends HoldfastProps {
  readonly name: QueueName;
  /** Of the function that works on the queue. */
  readonly workerTimeoutMs: number;
  /** Of the function that empties the dead-letter queue. */
  readonly parkerTimeoutMs: number;
}

export class QueuePair extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    { name, stage, config, workerTimeoutMs, parkerTimeoutMs }: QueuePairProps,
  ) {
    super(scope, name);
    const shared = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: config.throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    };
    this.deadLetters = new Queue(this, 'dead-letters', {
      ...shared,
      queueName: deadLetterName(stage, name),
      retentionPeriod: Duration.millis(retention.deadLetterMs),
      visibilityTimeout: Duration.millis(config.visibilityFactor * parkerTimeoutMs),
    });
    this.queue = new Queue(this, 'queue', {
      ...shared,
      queueName: resourceName(stage, name),
      retentionPeriod: Duration.millis(retention.queueMs),
      visibilityTimeout: Duration.millis(config.visibilityFactor * workerTimeoutMs),
      deadLetterQueue: {
        queue: this.deadLetters,
        // The worker itself buries a letter on its last attempt, with the cause. One receive more,
        // so that the queue only moves what no code could: a crash, a timeout.
        maxReceiveCount: queues[name].maxAttempts + 1,
      },
    });
  }
}
