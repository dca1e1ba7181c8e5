/**
 * What SQS takes in one call.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
import type { QueueMessage } from './queue.ts';

export const maxMessagesPerCall = 10;

/** Of one message, and of all messages of one call together. */
export const maxCallBytes = 1_048_576;

/** SQS holds a message back no longer. */
export const maxDelaySeconds = 900;

/**
 * A message that is put off says so itself: SQS does not tell its receiver, who would count the delay
 * as time that it waited.
 */
export const delayAttribute = 'delaySeconds';

/** The message, which nobody is to receive for so many whole seconds after it was sent. */
export const putOff = (message: QueueMessage, delaySeconds: number): QueueMessage => ({
  ...message,
  delaySeconds,
  ...(delaySeconds > 0 && {
    attributes: { ...message.attributes, [delayAttribute]: String(delaySeconds) },
  }),
});

/** @throws RangeError for a delay that no queue knows. */
export function assertDelays(messages: readonly QueueMessage[]): void {
  for (const { delaySeconds = 0 } of messages)
    if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > maxDelaySeconds)
      throw new RangeError(
        `delaySeconds must be a whole number from 0 to ${maxDelaySeconds}, got ${delaySeconds}`,
      );
}

/** As SQS counts: the body, and name, type and value of each attribute. */
export const bytesOf = ({ body, attributes }: QueueMessage): number =>
  Object.entries(attributes)
    .map(([name, value]) => Buffer.byteLength(`${name}String${value}`))
    .reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body));

/** The messages in calls that SQS takes, in their order. None may be above `maxCallBytes` itself. */
export function callsOf(messages: readonly QueueMessage[]): readonly (readonly QueueMessage[])[] {
  const calls: QueueMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = bytesOf(message);
    const last = calls.at(-1);
    if (last && last.length < maxMessagesPerCall && bytes <= room) last.push(message);
    else {
      calls.push([message]);
      room = maxCallBytes;
    }
    room -= bytes;
  }
  return calls;
}
