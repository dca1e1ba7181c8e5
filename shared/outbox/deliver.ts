/**
 * Events into their queues, in as few calls as their order allows.
 *
 * Two events of one aggregate never share a call: of a call, any part may fail, and a later event
 * must not pass an earlier one that did. So events go in rounds, one of each aggregate a round.
 */
import { bytesOf, callsOf, maxCallBytes } from '../queue/calls.ts';
import type { QueueMessage, QueueSender, Sent } from '../queue/queue.ts';
import type { DomainEvent } from './event.ts';
import { toMessage } from './message.ts';

export type Delivery =
  | { readonly how: 'sent'; readonly queue: string }
  /** No queue will ever take it. */
  | { readonly how: 'refused'; readonly cause: string }
  /** It may go another time. `cause` is the queue's word, or the name of the error. */
  | { readonly how: 'failed'; readonly cause: string }
  /** Not tried, because an earlier event of its aggregate failed. */
  | { readonly how: 'held' };

export interface DeliverOptions {
  readonly queues: QueueSender;
  /** The queue of an event's type; undefined for a type that nobody knows. */
  readonly queueOf: (type: string) => string | undefined;
  readonly tracing: boolean;
}

/** What became of each event, by id. A queue that fails is an answer here, not an error. */
export async function deliver(
  events: readonly DomainEvent[],
  options: DeliverOptions,
): Promise<ReadonlyMap<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  const failing = new Set<string>();
  for (const round of roundsOf(events)) {
    const sendable = round.filter((event) => !failing.has(nameOfAggregate(event)));
    const sent = await sendRound(sendable, options);
    for (const event of round) {
      const delivery = sent.get(event.id) ?? { how: 'held' };
      deliveries.set(event.id, delivery);
      if (delivery.how === 'failed') failing.add(nameOfAggregate(event));
    }
  }
  return deliveries;
}

const nameOfAggregate = ({ tenant, aggregate }: DomainEvent): string =>
  JSON.stringify([tenant, aggregate]);

/** The first event of each aggregate, then the second of each, and so on. */
export function roundsOf(events: readonly DomainEvent[]): readonly (readonly DomainEvent[])[] {
  const rounds: DomainEvent[][] = [];
  const counts = new Map<string, number>();
  for (const event of events.toSorted((a, b) => a.seq - b.seq)) {
    const name = nameOfAggregate(event);
    const round = counts.get(name) ?? 0;
    counts.set(name, round + 1);
    rounds[round] = [...(rounds[round] ?? []), event];
  }
  return rounds;
}

async function sendRound(
  events: readonly DomainEvent[],
  { queues, queueOf, tracing }: DeliverOptions,
): Promise<ReadonlyMap<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  const byQueue = new Map<string, QueueMessage[]>();
  for (const event of events) {
    const queue = queueOf(event.type);
    const message = toMessage(event, { tracing });
    if (queue === undefined)
      deliveries.set(event.id, { how: 'refused', cause: 'unknown-event-type' });
    else if (bytesOf(message) > maxCallBytes)
      deliveries.set(event.id, { how: 'refused', cause: 'too-large' });
    else byQueue.set(queue, [...(byQueue.get(queue) ?? []), message]);
  }
  const calls = [...byQueue].flatMap(([queue, messages]) =>
    callsOf(messages).map((call) => ({ queue, call })),
  );
  await Promise.all(
    calls.map(async ({ queue, call }) => {
      for (const { id, delivery } of await sendCall(queues, queue, call))
        deliveries.set(id, delivery);
    }),
  );
  return deliveries;
}

async function sendCall(queues: QueueSender, queue: string, call: readonly QueueMessage[]) {
  try {
    const answers = await queues.send(queue, call);
    return answers.map((sent) => ({ id: sent.id, delivery: toDelivery(queue, sent) }));
  } catch (error) {
    const cause = error instanceof Error ? error.name : 'unknown';
    return call.map(({ id }) => ({ id, delivery: { how: 'failed', cause } as const }));
  }
}

function toDelivery(queue: string, sent: Sent): Delivery {
  if (sent.sent) return { how: 'sent', queue };
  return { how: sent.retriable ? 'failed' : 'refused', cause: sent.code };
}
