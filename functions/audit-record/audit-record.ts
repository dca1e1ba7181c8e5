/**
 * What the service keeps of each event that nobody else acts on: who did what, and when; and the last
 * that happened to each aggregate.
 */
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { keepNewest } from '#shared/worker/last-seq.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { auditAddress, lastEventAddress } from '../domain/keys.ts';
import type { EventType } from '../tables/events.ts';

/**
 * An entry stands for itself, so events may come in any order. The last event of an aggregate is kept
 * only while none is newer; one that comes too late for that is `stale`, and has its entry all the same.
 */
export async function recordAudit<T extends EventType>(
  { id, type, tenant, aggregate, seq, occurredAtMs, correlationId, data }: EventOf<T>,
  { look }: Pick<UnitReader, 'look'>,
): Promise<Decision<Done, never>> {
  const at = lastEventAddress(tenant, aggregate);
  const last = keepNewest({
    at,
    kept: await look(at),
    seq,
    put: { aggregate, lastType: type, lastEventId: id, lastAtMs: occurredAtMs },
  });
  const day = new Date(occurredAtMs).toISOString().slice(0, 10);
  return {
    answer: { outcome: last ? 'done' : 'stale' },
    writes: [
      {
        put: { version: 1, type, aggregate, seq, occurredAtMs, correlationId, data: { ...data } },
        at: auditAddress(tenant, day, id),
        when: { absent: true },
      },
      ...(last ? [last] : []),
    ],
  };
}
