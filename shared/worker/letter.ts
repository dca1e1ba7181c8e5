/** A dead letter: the message as it came, with what an operator must know about its end. */
import type { QueueMessage } from '../queue/queue.ts';
import type { Message } from './message.ts';

export interface Burial {
  readonly consumer: string;
  readonly cause: string;
  /** The name of the error. */
  readonly error: string;
}

/** SQS takes ten attributes; ours are the last word on their names. */
const maxAttributes = 10;

export function toLetter(message: Message, { consumer, cause, error }: Burial): QueueMessage {
  const ours = {
    cause,
    error,
    consumer,
    attempt: String(message.attempt),
    originalMessageId: message.id,
  };
  const kept = Object.entries(message.attributes).filter(([name]) => !(name in ours));
  return {
    id: message.id,
    body: message.body,
    attributes: {
      ...Object.fromEntries(kept.slice(0, maxAttributes - Object.keys(ours).length)),
      ...ours,
    },
  };
}
