/** Stored events to the queues of their types, so many to a second. */
import type { DomainEvent } from '#shared/outbox/event.ts';
import type { ReplayedEvent } from '#shared/outbox/event-replay.ts';
import { toMessage } from '#shared/outbox/message.ts';
import { callsOf, putOff } from '#shared/queue/calls.ts';
import type { QueueSender, Sent } from '#shared/queue/queue.ts';
import { handingOn } from '../handed-on.ts';

export interface SendEventsOptions {
  readonly queues: QueueSender;
  readonly tracing: boolean;
  /** From 1. */
  readonly ratePerSecond: number;
}

/** Some queue did not answer, or not now. All of them are to be sent again. */
class EventsNotSentError extends Error {
  override name = 'EventsNotSentError';
}

/**
 * @returns what became of each; `failed` is for good.
 * @throws EventsNotSentError, and what a queue throws
 */
export async function sendEvents(
  events: readonly DomainEvent[],
  { queues, tracing, ratePerSecond }: SendEventsOptions,
): Promise<readonly ReplayedEvent[]> {
  const messages = events.map((event, index) => ({
    queue: handingOn.queueOf(event.type),
    message: putOff(toMessage(event, { tracing }), Math.floor(index / ratePerSecond)),
  }));
  const answers = new Map<string, Sent>();
  for (const [queue, alike] of Map.groupBy(messages, (each) => each.queue))
    if (queue !== undefined)
      for (const call of callsOf(alike.map(({ message }) => message)))
        for (const sent of await queues.send(queue, call)) answers.set(sent.id, sent);

  return messages.map(({ queue, message }, index): ReplayedEvent => {
    const event = events[index] as DomainEvent;
    if (queue === undefined) return { event, how: 'failed', because: 'unknown-event-type' };
    const sent = answers.get(message.id);
    if (sent?.sent) return { event, how: 'sent' };
    if (!sent || sent.retriable) throw new EventsNotSentError(sent?.code ?? 'unanswered');
    return { event, how: 'failed', because: sent.code };
  });
}
