/** The outbox table's stream: new events into their queues. */
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { readInserts } from '#shared/outbox/dynamodb-stream.ts';
import { handOn } from '#shared/outbox/hand-on.ts';
import { outboxRelay } from '#shared/outbox/relay.ts';
import { sqsClient, sqsQueue } from '#shared/queue/sqs-queue.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { invalidation } from '../cache-tags.ts';
import { readEnv } from '../env.ts';
import { handingOn, report } from '../handed-on.ts';
import { keyrings } from '../keyrings.ts';
import { pseudonymizer } from '../pseudonymizer.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';

const environment = readEnv('outbox-relay', process.env);
const { secretIds, tables, queueUrls, tracing } = environment;
const signals = telemetry(environment);
const pseudonymize = pseudonymizer(
  keyrings({ secretIds, listen: signals.scope({ trace: newTrace() }).listen }).pseudonyms,
);
const store = dynamoStore({ tables });
const queues = sqsQueue({ client: sqsClient(), urls: queueUrls });

async function relayBatch({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const { logger, listen } = signals.scope({ trace: newTrace() });
  const relay = outboxRelay(handOn({ ...handingOn, by: 'relay', store, queues, tracing, listen }));
  const { events, failedAt } = await relay(readInserts(Records));
  await invalidation({ store, listen })(events);
  await report('relayed', events, {
    signals,
    pseudonymize,
    count(record, queue, lagMs) {
      record('EventsRelayed', 1, { queue });
      record('RelayLag', lagMs, { queue });
    },
  });
  logger.info('batch relayed', { records: Records.length, events: events.length });
  return { batchItemFailures: failedAt ? [{ itemIdentifier: failedAt }] : [] };
}

export const handler = traced(environment, relayBatch);
