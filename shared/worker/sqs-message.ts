/** A message as Lambda's mapping hands it over. */
import type { SQSRecord } from 'aws-lambda';
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
