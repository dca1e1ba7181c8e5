/** What starts each function, as its row says. Routes are the gateway's. */
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import {
  FilterCriteria,
  FilterRule,
  type IEventSourceDlq,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import type { FunctionName, Trigger } from '#functions/tables/functions.ts';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import type { SecretName } from '#functions/tables/secrets.ts';
import type { TableName } from '#functions/tables/tables.ts';
import type { StageConfig } from '../config.ts';
import { givenUp } from './given-up.ts';
import type { QueuePair } from './queue-pair.ts';
import { rotate } from './rotations.ts';
import type { ServiceFunction } from './service-function.ts';

export interface Sources {
  readonly stage: Stage;
  readonly config: Pick<StageConfig, 'throwaway' | 'streamRetries'>;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly queues: Readonly<Record<QueueName, QueuePair>>;
  readonly secrets: Readonly<Record<SecretName, Secret>>;
}

export function trigger(name: FunctionName, target: ServiceFunction, sources: Sources): void {
  const start: Trigger = target.row.trigger;
  if (start.by === 'queue') {
    const { batchSize, maxConcurrency } = queues[start.queue];
    const { queue } = sources.queues[start.queue];
    receive(target, 'queue', queue, { batchSize, maxConcurrency });
    // A worker says when its message shall be back.
    target.allow(['sqs:ChangeMessageVisibility'], queue.queueArn);
  }
  if (start.by === 'dead-letters')
    for (const [queue, { deadLetters }] of Object.entries(sources.queues))
      receive(target, `letters-of-${queue}`, deadLetters, { batchSize: 10, maxConcurrency: 2 });
  if (start.by === 'rotation') rotate(target, sources.secrets);
  if (start.by === 'stream') {
    const { stage, config } = sources;
    const tell = givenUp(target, { name, stage, throwaway: config.throwaway });
    target.addEventSource(eventsOf(sources.tables[start.table], config.streamRetries, tell));
  }
  if (start.by === 'schedule') {
    // The next run makes up for a lost one, so neither a late one nor a second try is of any use:
    // not on the way to Lambda (the target's), and not from its queue to the function.
    const once = { retryAttempts: 0, maxEventAge: Duration.minutes(start.everyMinutes) };
    target.configureAsyncInvoke(once);
    new Rule(target, 'schedule', {
      ruleName: resourceName(sources.stage, name),
      schedule: Schedule.rate(Duration.minutes(start.everyMinutes)),
      targets: [new LambdaFunction(target, once)],
    });
  }
}

/**
 * Lambda takes the messages in the function's own role. Not by CDK's SqsEventSource, which allows the
 * function more than Lambda needs.
 */
function receive(
  target: ServiceFunction,
  id: string,
  { queueArn }: Queue,
  numbers: { readonly batchSize: number; readonly maxConcurrency: number },
): void {
  target.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queueArn);
  target.addEventSourceMapping(id, {
    ...numbers,
    eventSourceArn: queueArn,
    reportBatchItemFailures: true,
  });
}

/**
 * New events of an outbox; its ledger items would only cost invocations. A failing batch is halved
 * down to the record that fails, and given up after its retries, or an hour at most: that is told,
 * and the sweeper finds what the stream could not deliver. One batch at a time for each shard, of
 * which a table has several.
 */
const eventsOf = (
  table: Table,
  retryAttempts: number,
  onFailure: IEventSourceDlq,
): DynamoEventSource =>
  new DynamoEventSource(table as ITable, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts,
    maxRecordAge: Duration.hours(1),
    onFailure,
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { kind: { S: FilterRule.isEqual('event') } } },
      }),
    ],
  });
