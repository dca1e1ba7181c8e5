/** A message as Lambda's mapping hands it over. */
import type { SQSRecord } from 'aws-lambda';
import { delayAttribute } from '../queue/calls.ts';
import type { Message } from './message.ts';

/** Binary attributes are none of ours and are left out. */
export const readSqsMessage = ({
  messageId,
  receiptHandle,
  body,
  attributes,
  messageAttributes,
}: SQSRecord): Message => ({
  id: messageId,
  receiptHandle,
  body,
  attempt: Number(attributes.ApproximateReceiveCount),
  attributes: Object.fromEntries(
    Object.entries(messageAttributes).flatMap(([name, { stringValue }]) =>
      stringValue ? [[name, stringValue]] : [],
    ),
  ),
});

const receivesOf = ({ attributes }: SQSRecord): number =>
  Number(attributes.ApproximateReceiveCount);

/**
 * Whoever has the fewest receives left goes first, in case time runs out for the last. For standard
 * queues: it breaks the order of a FIFO queue.
 */
export const mostReceivedFirst = (records: readonly SQSRecord[]): SQSRecord[] =>
  records.toSorted((a, b) => receivesOf(b) - receivesOf(a));

/**
 * How long a message waited for a worker, in milliseconds; undefined where its times say nothing of
 * the queue: it was received before, so that what it waited for since was its next attempt, or it has
 * been in a dead-letter queue, and may have kept the time of its first sending.
 */
export function waitedMs({ attributes, messageAttributes }: SQSRecord): number | undefined {
  const { SentTimestamp, ApproximateFirstReceiveTimestamp, ApproximateReceiveCount } = attributes;
  if (ApproximateReceiveCount !== '1' || attributes.DeadLetterQueueSourceArn) return undefined;
  // Both times are the queue's own, so that clocks do not matter.
  const inQueueMs = Number(ApproximateFirstReceiveTimestamp) - Number(SentTimestamp);
  const putOffMs = Number(messageAttributes[delayAttribute]?.stringValue ?? 0) * 1_000;
  const waited = inQueueMs - putOffMs;
  return Number.isFinite(waited) ? Math.max(0, waited) : undefined;
}
