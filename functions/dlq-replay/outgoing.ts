/** Where a letter goes when it is replayed, and as what. */
import { toMessage } from '#shared/outbox/message.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import type { Letter } from '#shared/parking/letter.ts';
import { outboxQueue } from '#shared/parking/letter-items.ts';
import { toReplayMessage } from '#shared/parking/provenance.ts';
import type { Replay } from '#shared/parking/replay.ts';
import type { Outgoing } from '#shared/parking/replay-letters.ts';
import { eventRowOf } from '../tables/events.ts';

/** A message goes to the queue that it came from; an event that came to none, where its type goes now. */
export const outgoing =
  ({ edit }: Pick<Replay, 'edit'>, { tracing }: { readonly tracing: boolean }) =>
  (letter: Letter): Outgoing => {
    if (letter.queue === outboxQueue) return ofOutbox(letter, tracing);
    const body = edit?.id === letter.id ? edit.body : letter.body;
    if (body === undefined) return { refused: 'no-body' };
    return { queue: letter.queue, message: toReplayMessage(letter, body) };
  };

function ofOutbox({ stored }: Letter, tracing: boolean): Outgoing {
  if (!stored) return { refused: 'not-stored' };
  const event = readPendingEvent(stored)?.event;
  if (!event) return { refused: 'unreadable' };
  const row = eventRowOf(event.type);
  if (!row) return { refused: 'unknown-event-type' };
  const { id: _, ...message } = toMessage(event, { tracing });
  return { queue: row.queue, message };
}
