/** What CloudWatch keeps numbers of, and under which dimensions: by name, so that alarms and
 *  dashboards need no reference to the stacks they watch. */
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import {
  deadLetterName,
  givenUpName,
  metricsNamespace,
  resourceName,
  type Stage,
} from '#functions/tables/names.ts';
import { type QueueName, type QueueRow, queues } from '#functions/tables/queues.ts';
import { type TableName, tables } from '#functions/tables/tables.ts';
import { apiStage } from './gateway.ts';

export interface Watched {
  /** Short, for the names of alarms and the labels of lines. */
  readonly label: string;
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** The queue's own row, where it is one. */
  readonly queue?: QueueRow;
}

export type Kind =
  | 'api'
  | 'function'
  | 'stream'
  | 'schedule'
  | 'given-up'
  | 'queue'
  | 'dead-letter'
  | 'parked-letters'
  | 'table'
  | 'own-metrics';

/** The things of a kind. `stream` and `schedule` are the functions that these start, and `given-up`
 *  where those streams tell what they gave up; `own-metrics` is what our functions count, over all of
 *  them. */
export function watched(
  kind: Kind,
  stage: Stage,
  deployed: readonly FunctionName[],
): readonly Watched[] {
  const startedBy = (by: string) =>
    deployed.filter((name) => (functions[name] as FunctionRow).trigger.by === by);
  const lambda = (label: FunctionName): Watched => ({
    label,
    namespace: 'AWS/Lambda',
    dimensions: { FunctionName: resourceName(stage, label) },
  });
  const sqs = (name: QueueName, QueueName: string): Watched => ({
    label: name.replace(':', '-'),
    namespace: 'AWS/SQS',
    dimensions: { QueueName },
    queue: queues[name],
  });
  const queueNames = Object.keys(queues) as QueueName[];
  switch (kind) {
    case 'function':
      return deployed.map(lambda);
    case 'stream':
    case 'schedule':
      return startedBy(kind).map(lambda);
    case 'given-up':
      return startedBy('stream').map((label) => ({
        label,
        namespace: 'AWS/SQS',
        dimensions: { QueueName: givenUpName(stage, label) },
      }));
    case 'queue':
      return queueNames.map((name) => sqs(name, resourceName(stage, name)));
    case 'dead-letter':
      return queueNames.map((name) => sqs(name, deadLetterName(stage, name)));
    case 'parked-letters':
      return queueNames.map((queue) => ({
        label: queue.replace(':', '-'),
        namespace: metricsNamespace(stage),
        dimensions: { queue },
      }));
    case 'table':
      return (Object.keys(tables) as TableName[]).map((label) => ({
        label,
        namespace: 'AWS/DynamoDB',
        dimensions: { TableName: resourceName(stage, label) },
      }));
    case 'own-metrics':
      return [{ label: 'service', namespace: metricsNamespace(stage), dimensions: {} }];
    case 'api':
      return [
        {
          label: 'gateway',
          namespace: 'AWS/ApiGateway',
          dimensions: { ApiName: resourceName(stage, 'api'), Stage: apiStage },
        },
      ];
  }
}
