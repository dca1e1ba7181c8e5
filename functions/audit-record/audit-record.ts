/** What the service keeps of each event that nobody else acts on: who did what, and when. */
import type { Decision } from '#shared/idempotency/decision.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { auditAddress } from '../domain/keys.ts';
import type { EventType } from '../tables/events.ts';

/** An entry stands for itself, so events may come in any order. */
export function recordAudit<T extends EventType>({
  id,
  type,
  tenant,
  aggregate,
  seq,
  occurredAtMs,
  correlationId,
  data,
}: EventOf<T>): Decision<Done, never> {
  const day = new Date(occurredAtMs).toISOString().slice(0, 10);
  return {
    answer: { outcome: 'done' },
    writes: [
      {
        put: { version: 1, type, aggregate, seq, occurredAtMs, correlationId, data: { ...data } },
        at: auditAddress(tenant, day, id),
        when: { absent: true },
      },
    ],
  };
}
