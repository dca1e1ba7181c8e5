/** A dead letter as Lambda's mapping hands it over. */
import type { SQSRecord } from 'aws-lambda';
import { readEvent } from '#shared/outbox/event.ts';
import type { Arrival, LetterEvent } from '#shared/parking/letter.ts';
import { toArrival } from '#shared/parking/provenance.ts';
import { readSqsMessage } from '#shared/worker/sqs-message.ts';
import { deadLetterName, type Stage } from '../tables/names.ts';
import { type QueueName, queues } from '../tables/queues.ts';

/** @throws RangeError for a queue that is no dead-letter queue of the stage. */
export function readArrival(record: SQSRecord, stage: Stage): Arrival {
  const name = record.eventSourceARN.split(':').at(-1);
  const queue = (Object.keys(queues) as QueueName[]).find(
    (known) => deadLetterName(stage, known) === name,
  );
  if (!queue) throw new RangeError(`'${name}' is no dead-letter queue`);
  return toArrival(queue, readSqsMessage(record), eventIn);
}

/** Also of an event whose type or data nobody knows: it has an id all the same. */
export function eventIn(body: string): LetterEvent | undefined {
  const { id, type, tenant, occurredAtMs } = readEvent(parsed(body)) ?? {};
  return id !== undefined &&
    type !== undefined &&
    tenant !== undefined &&
    occurredAtMs !== undefined
    ? { id, type, tenant, occurredAtMs }
    : undefined;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
