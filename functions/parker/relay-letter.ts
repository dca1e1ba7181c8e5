/** A letter of the relay: its job is given up with it, so that it keeps no other out. */
import { readEvent } from '#shared/outbox/event.ts';
import type { Arrival } from '#shared/parking/letter.ts';
import type { JobName } from '../relay-changes.ts';
import { eventTypes } from '../tables/events.ts';
import type { QueueName } from '../tables/queues.ts';
import { parsed } from './arrival.ts';

const queue: QueueName = 'relay:deliver';

/** The job that a letter is about; undefined for any other letter, and for one that names none. */
export function relayJobIn({ queue: from, body = '' }: Arrival): JobName | undefined {
  if (from !== queue) return undefined;
  const { type, tenant, data } = readEvent(parsed(body)) ?? {};
  if (type !== 'relay.accepted' || tenant === undefined) return undefined;
  const { data: named } = eventTypes[type].data.safeParse(data);
  return named && { tenant, jobId: named.jobId };
}
