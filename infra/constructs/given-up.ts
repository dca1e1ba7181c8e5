/**
 * Where a stream tells what it gave up: the positions of the records, and why; none of their content.
 * Nobody works on it but a person, who has two weeks.
 */
import type { IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { FunctionName } from '#functions/tables/functions.ts';
import { givenUpName, type Stage } from '#functions/tables/names.ts';
import { retention } from '#functions/tables/retention.ts';
import type { ServiceFunction } from './service-function.ts';

export interface GivenUpProps {
  readonly name: FunctionName;
  readonly stage: Stage;
  readonly throwaway: boolean;
}

/** For the mapping that starts `target`: Lambda tells it in the function's own role. */
export function givenUp(
  target: ServiceFunction,
  { name, stage, throwaway }: GivenUpProps,
): IEventSourceDlq {
  const { queueArn } = new Queue(target, 'given-up', {
    queueName: givenUpName(stage, name),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    removalPolicy: throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    retentionPeriod: Duration.millis(retention.deadLetterMs),
  });
  return {
    bind() {
      // Not CDK's SqsDlq, which allows it to read the queue's attributes and address besides.
      target.allow(['sqs:SendMessage'], queueArn);
      return { destination: queueArn };
    },
  };
}
