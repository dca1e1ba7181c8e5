/** All dead-letter queues: their letters into the table of parked things. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Arrival } from '#shared/parking/letter.ts';
import { parker } from '#shared/parking/parker.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { childOf, newTrace, readTraceparent } from '#shared/telemetry/trace.ts';
import { readEnv } from '../env.ts';
import { keyrings } from '../keyrings.ts';
import { pseudonymizer } from '../pseudonymizer.ts';
import { relayChanges } from '../relay-changes.ts';
import { retention } from '../tables/retention.ts';
import { telemetry } from '../telemetry.ts';
import { traced } from '../traced.ts';
import { readArrival } from './arrival.ts';
import { relayJobIn } from './relay-letter.ts';

const environment = readEnv('parker', process.env);
const { secretIds, tables, stage } = environment;
const signals = telemetry(environment);
const pseudonymize = pseudonymizer(
  keyrings({ secretIds, listen: signals.scope({ trace: newTrace() }).listen }).pseudonyms,
);
const store = dynamoStore({ tables });
const park = parker({ store, table: 'parked', retainMs: retention.parkedMs });
const jobs = relayChanges({ store });

/** A letter's line stands in the trace of the request that it began with. Never its body. */
async function scopeOf({ queue, id, event, cause, messageId, attempt, traceparent }: Arrival) {
  const trace = readTraceparent(traceparent);
  const names = event && (await pseudonymize({ tenant: event.tenant, user: '' }));
  return signals.scope({
    trace: trace ? childOf(trace) : newTrace(),
    fields: {
      queue,
      letter_id: id,
      cause,
      message_id: messageId,
      attempt,
      event_id: event?.id,
      event_type: event?.type,
      tenant: names?.tenant,
    },
  });
}

/** Whether a job was given up with its letter. */
async function giveUpJob(arrival: Arrival): Promise<boolean> {
  const job = relayJobIn(arrival);
  return job !== undefined && (await jobs.park(job)) === 'parked';
}

/** Whether the letter is parked, and may leave its queue. */
async function parkOne(record: SQSRecord): Promise<boolean> {
  const arrival = readArrival(record, stage);
  const { logger, record: count } = await scopeOf(arrival);
  try {
    const how = await park(arrival);
    logger[how === 'late' ? 'info' : 'error'](`letter ${how}`, { outcome: how });
    // A duplicate counts too: the first time may have died before it could count.
    if (how !== 'late') {
      count('LettersParked', 1, { queue: arrival.queue });
      // After the letter, which says whether it is the last word; if this fails, the letter comes again.
      if (await giveUpJob(arrival)) count('RelayJobsParked', 1, { by: 'parker' });
    }
    return true;
  } catch (error) {
    logger.error('letter not parked', error as Error);
    return false;
  }
}

async function parkBatch({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const parked = await Promise.all(
    Records.map(async (record) => ((await parkOne(record)) ? [] : [record.messageId])),
  );
  return {
    batchItemFailures: parked.flat().map((itemIdentifier) => ({ itemIdentifier })),
  };
}

export const handler = traced(environment, parkBatch);
