/** What may be put in place of a letter's body. */
import type { Letter } from '#shared/parking/letter.ts';
import { outboxQueue } from '#shared/parking/letter-items.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import { readConsumedEvent } from './consumed-event.ts';
import { type EventType, eventTypes } from './tables/events.ts';

/**
 * Why a body cannot go in the letter's place; undefined when it can. It must be an event as the
 * queue's consumer takes it. It stays the same event, with its id, tenant and time: else the
 * consumer could not know that it was done before, nor that nobody can tell any more. Where the letter has no
 * readable event, the body makes one, and its id is the operator's to choose.
 */
export function faultOfEdit(
  { queue, event: before }: Pick<Letter, 'queue' | 'event'>,
  body: string,
  nowMs: number,
): string | undefined {
  if (queue === outboxQueue) return 'an event that came to no queue is replayed as it is';
  const types = (Object.keys(eventTypes) as EventType[]).filter(
    (type) => eventTypes[type].queue === queue,
  );
  try {
    const event = readConsumedEvent({ body }, types, nowMs);
    if (!before) return undefined;
    const changed = (['id', 'tenant', 'occurredAtMs'] as const).filter(
      (field) => event[field] !== before[field],
    );
    return changed.length > 0 ? `it must keep ${changed.join(', ')} of its event` : undefined;
  } catch (fault) {
    if (!(fault instanceof PermanentFault)) throw fault;
    return `its consumer would refuse it: ${fault.reason}`;
  }
}
