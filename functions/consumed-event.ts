/** The event in a message, as its consumer may rely on it. */
import { illFormedTexts } from '#shared/http/ill-formed-text.ts';
import { type DomainEvent, readEvent } from '#shared/outbox/event.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { Message } from '#shared/worker/message.ts';
import type { DataOf } from './publish.ts';
import { type EventType, eventTypes } from './tables/events.ts';
import { retention } from './tables/retention.ts';

/** An event of one of these types, its data known by its type. */
export type EventOf<T extends EventType> = {
  readonly [K in T]: Omit<DomainEvent, 'type' | 'data'> & {
    readonly type: K;
    readonly data: DataOf<K>;
  };
}[T];

/**
 * Clocks differ, and work takes a while: an event this close to the end of its record's time is too
 * old already.
 */
const slackMs = 3_600_000;

/**
 * @throws PermanentFault for anything else, and for an event so old that the record of its first
 * time may be gone. A replay makes it no younger: that record was written at or after `occurredAtMs`,
 * whenever it is replayed.
 */
export function readConsumedEvent<T extends EventType>(
  { body }: Pick<Message, 'body'>,
  types: readonly T[],
  nowMs: number,
): EventOf<T> {
  const parsed = parseJson(body);
  // No store takes half of a surrogate pair, so it would be tried in vain until it is given up.
  if (illFormedTexts(parsed, 1).length > 0) throw new PermanentFault('ill-formed-text');
  const event = readEvent(parsed);
  if (!event) throw new PermanentFault('not-an-event');
  const type = types.find((known) => known === event.type);
  if (!type) throw new PermanentFault('unknown-event-type');
  const data = eventTypes[type].data.safeParse(event.data);
  if (!data.success) throw new PermanentFault('invalid-event-data', { cause: data.error });
  if (nowMs - event.occurredAtMs > retention.inboxMs - slackMs)
    throw new PermanentFault('older-than-inbox');
  return { ...event, type, data: data.data } as EventOf<T>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's error as its cause: that quotes the body, which may hold anything.
    throw new PermanentFault('not-json');
  }
}
