/**
 * Events into their queues, in as few calls as their order allows.
 *
 * Two events of one aggregate never share a call: of a call, any part may fail, and a later event
 * must not pass an earlier one that did. So events go in rounds, one of each aggregate a round.
 */
import { bytesOf, callsOf, maxCallBytes, putOff } from '../queue/calls.ts';
import type { QueueMessage, QueueSender, Sent } from '../queue/queue.ts';
import { type DomainEvent, delayLeftSeconds } from './event.ts';
import { toMessage } from './message.ts';

export interface ToDeliver {
  readonly event: DomainEvent;
  /** Why it shall be parked, whatever its queue would say. */
  readonly giveUp?: string | undefined;
}

export type Delivery =
  | { readonly how: 'sent'; readonly queue: string }
  /** No queue will ever take it, and it is put aside. */
  | { readonly how: 'parked'; readonly cause: string }
  /** It may go another time. `cause` is the queue's word, or the name of the error. */
  | { readonly how: 'failed'; readonly cause: string };

export interface DeliverOptions {
  readonly queues: QueueSender;
  /** The queue of an event's type; undefined for a type that nobody knows. */
  readonly queueOf: (type: string) => string | undefined;
  /** How urgent events of a type are, 0 the most. Within a round the calls of one rank begin when those
   *  of the rank before have ended, so that a slow queue holds up only what is less urgent. Default:
   *  all alike. */
  readonly rankOf?: (type: string) => number;
  readonly tracing: boolean;
  readonly now?: () => number;
}

/** Puts an event aside: `parked`, or `failed` when even that was not possible. Must not throw. */
export type Park = (event: DomainEvent, cause: string) => Promise<Delivery>;

/** What became of each event, by id. A queue that fails is an answer here, not an error. */
export async function deliver(
  events: readonly ToDeliver[],
  park: Park,
  options: DeliverOptions,
): Promise<ReadonlyMap<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  const failing = new Set<string>();
  for (const round of roundsOf(events)) {
    const free = round.filter(({ event }) => !failing.has(nameOfAggregate(event)));
    for (const { event } of round) deliveries.set(event.id, { how: 'failed', cause: 'held' });
    for (const [event, delivery] of await deliverRound(free, park, options)) {
      deliveries.set(event.id, delivery);
      if (delivery.how === 'failed') failing.add(nameOfAggregate(event));
    }
  }
  return deliveries;
}

const nameOfAggregate = ({ tenant, aggregate }: DomainEvent): string =>
  JSON.stringify([tenant, aggregate]);

/** The first event of each aggregate, then the second of each, and so on. */
function roundsOf(events: readonly ToDeliver[]): readonly (readonly ToDeliver[])[] {
  const rounds: ToDeliver[][] = [];
  const counts = new Map<string, number>();
  for (const each of events.toSorted((a, b) => a.event.seq - b.event.seq)) {
    const name = nameOfAggregate(each.event);
    const round = counts.get(name) ?? 0;
    counts.set(name, round + 1);
    rounds[round] = [...(rounds[round] ?? []), each];
  }
  return rounds;
}

/** An event and the message it becomes, or why no queue can have it. */
type Routed =
  | { readonly event: DomainEvent; readonly queue: string; readonly message: QueueMessage }
  | { readonly event: DomainEvent; readonly refusal: string };

function route(
  { event, giveUp }: ToDeliver,
  { queueOf, tracing, now = Date.now }: DeliverOptions,
): Routed {
  if (giveUp !== undefined) return { event, refusal: giveUp };
  const queue = queueOf(event.type);
  if (queue === undefined) return { event, refusal: 'unknown-event-type' };
  const leftSeconds = delayLeftSeconds(event, now());
  const told = toMessage(event, { tracing });
  const message = leftSeconds > 0 ? putOff(told, leftSeconds) : told;
  if (bytesOf(message) > maxCallBytes) return { event, refusal: 'too-large' };
  return { event, queue, message };
}

async function deliverRound(
  round: readonly ToDeliver[],
  park: Park,
  options: DeliverOptions,
): Promise<readonly (readonly [DomainEvent, Delivery])[]> {
  const routed = round.map((each) => route(each, options));
  const answers = await sendAll(routed, options);
  return Promise.all(
    routed.map(async (each) => {
      const { event } = each;
      if ('refusal' in each) return [event, await park(event, each.refusal)] as const;
      const answer = answers.get(event.id);
      if (answer?.sent) return [event, { how: 'sent', queue: each.queue }] as const;
      const { code, retriable } = answer ?? { code: 'unanswered', retriable: true };
      if (retriable) return [event, { how: 'failed', cause: code }] as const;
      return [event, await park(event, code)] as const;
    }),
  );
}

async function sendAll(
  routed: readonly Routed[],
  { queues, rankOf = () => 0 }: DeliverOptions,
): Promise<ReadonlyMap<string, Sent>> {
  const answers = new Map<string, Sent>();
  const byRank = Map.groupBy(
    routed.filter((each) => 'queue' in each),
    ({ event }) => rankOf(event.type),
  );
  for (const [, sendable] of [...byRank].sort(([a], [b]) => a - b)) {
    const byQueue = Map.groupBy(sendable, ({ queue }) => queue);
    const calls = [...byQueue].flatMap(([queue, ofQueue]) =>
      callsOf(ofQueue.map(({ message }) => message)).map((call) => sendCall(queues, queue, call)),
    );
    for (const sent of (await Promise.all(calls)).flat()) answers.set(sent.id, sent);
  }
  return answers;
}

async function sendCall(
  queues: QueueSender,
  queue: string,
  call: readonly QueueMessage[],
): Promise<readonly Sent[]> {
  try {
    return await queues.send(queue, call);
  } catch (error) {
    const code = error instanceof Error ? error.name : 'unknown';
    return call.map(({ id }) => ({ id, sent: false, retriable: true, code }));
  }
}
