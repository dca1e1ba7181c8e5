/** Worker of `dlq:replay`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { worker } from '../worker.ts';
import { replayStep } from './dlq-replay.ts';
import { replayEventsStep } from './replay-events.ts';

const environment = readEnv('dlq-replay', process.env);
const { tables, queueUrls, tracing } = environment;
const store = dynamoStore({ tables });
const queues = sqsQueue({ client: sqsClient(), urls: queueUrls });

export const handler = worker(environment, 'dlq:replay', {
  events: ['letters.replay-requested', 'events.replay-requested'],
  store,
  decide: (event, { reader, deadline }) =>
    event.type === 'letters.replay-requested'
      ? replayStep(event, { reader, store, queues, tracing, deadline })
      : replayEventsStep(event, { reader, store, queues, tracing, deadline }),
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'dlq:replay' })
      : undefined,
});
