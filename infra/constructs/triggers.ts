/** What starts each function, as its row says. Routes are the gateway's. */
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Duration } from 'aws-cdk-lib/core';
import type { FunctionName, Trigger } from '#functions/tables/functions.ts';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import type { TableName } from '#functions/tables/tables.ts';
import type { QueuePair } from './queue-pair.ts';
import type { ServiceFunction } from './service-function.ts';

export interface Sources {
  readonly stage: Stage;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly queues: Readonly<Record<QueueName, QueuePair>>;
}

export function trigger(name: FunctionName, target: ServiceFunction, sources: Sources): void {
  const start: Trigger = target.row.trigger;
  if (start.by === 'queue') {
    const { batchSize, maxConcurrency } = queues[start.queue];
    target.addEventSource(
      new SqsEventSource(sources.queues[start.queue].queue, {
        batchSize,
        maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
  }
  if (start.by === 'dead-letters')
    for (const { deadLetters } of Object.values(sources.queues))
      target.addEventSource(
        new SqsEventSource(deadLetters, {
          batchSize: 10,
          maxConcurrency: 2,
          reportBatchItemFailures: true,
        }),
      );
  if (start.by === 'stream') target.addEventSource(eventsOf(sources.tables[start.table]));
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
 * New events of an outbox; its ledger items would only cost invocations. A failing batch is halved
 * down to the record that fails, and given up after an hour at most: the sweeper finds what the
 * stream could not deliver. One batch at a time for each shard, of which a table has several.
 */
const eventsOf = (table: Table): DynamoEventSource =>
  new DynamoEventSource(table as ITable, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: 10,
    maxRecordAge: Duration.hours(1),
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { kind: { S: FilterRule.isEqual('event') } } },
      }),
    ],
  });
