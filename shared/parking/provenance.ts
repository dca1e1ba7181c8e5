/** What a replayed message says of its letter, and how it is read when the message fails again. */
import type { QueueMessage } from '../queue/queue.ts';
import type { Arrival, Letter, LetterEvent } from './letter.ts';

/** What is known of a message in a dead-letter queue. */
export interface DeadMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Without a `cause` no worker has buried it: the queue moved it, because whoever received it did not
 * live to say why.
 */
export function toArrival(
  queue: string,
  { id: messageId, body, attributes }: DeadMessage,
  eventIn: (body: string) => LetterEvent | undefined,
): Arrival {
  const {
    cause = 'unknown',
    error,
    traceparent,
    originalMessageId,
    letterId,
    replays,
  } = attributes;
  const attempt = wholeNumber(attributes['attempt']);
  const event = eventIn(body);
  return {
    queue,
    id: letterId ?? event?.id ?? originalMessageId ?? messageId,
    cause,
    ...(error !== undefined && { error }),
    ...(attempt !== undefined && { attempt }),
    messageId: originalMessageId ?? messageId,
    ...(traceparent !== undefined && { traceparent }),
    ...(event && { event }),
    body,
    replays: wholeNumber(replays) ?? 0,
  };
}

const wholeNumber = (text: string | undefined): number | undefined =>
  /^\d{1,9}$/.test(text ?? '') ? Number(text) : undefined;

/** The message of a letter that was taken for a replay; `body` where it was mended. */
export function toReplayMessage(
  { id, event, body: asItWas, traceparent, replay, replays }: Letter,
  body = asItWas ?? '',
): Omit<QueueMessage, 'id'> {
  return {
    body,
    attributes: {
      ...(traceparent && { traceparent }),
      ...(replay && { replayId: replay.id }),
      replays: String(replays),
      // By its body alone it would not be known again: as an event, or as this one.
      ...(event?.id !== id && { letterId: id }),
    },
  };
}
