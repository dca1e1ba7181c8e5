/** What is kept of a violation: an entry in the audit of the caller's tenant, which is listed as well. */
import type { Decision } from '#shared/idempotency/decision.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { auditAddress } from '../domain/keys.ts';
import { toViolationItem } from '../domain/violation.ts';

/** It depends on nothing else, so violations may come in any order. */
export function recordViolation({
  id,
  tenant,
  aggregate,
  occurredAtMs,
  correlationId,
  data,
}: EventOf<'tenant.violated'>): Decision<Done, never> {
  const day = new Date(occurredAtMs).toISOString().slice(0, 10);
  return {
    answer: { outcome: 'done' },
    writes: [
      {
        put: toViolationItem({ id, tenant, aggregate, occurredAtMs, correlationId, data }),
        at: auditAddress(tenant, day, id),
        when: { absent: true },
      },
    ],
  };
}
