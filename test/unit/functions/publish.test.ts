import { describe, expect, it } from 'vitest';
import { publish } from '#functions/publish.ts';
import { retention } from '#functions/tables/retention.ts';
import { isUuidV7, uuidTimeMs } from '#shared/ids/uuid.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';

const trace = newTrace();
const nowMs = Date.UTC(2026, 0, 1);
const happening = {
  type: 'order.created',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 1,
  data: { orderId: 'o1', userId: 'u1' },
} as const;

describe('publish', () => {
  it('writes the event into the outbox, under an id of its own time, with the trace', () => {
    const write = publish(happening, { trace, correlationId: 'request-1', now: () => nowMs });
    const pending = readPendingEvent(applied(write, undefined) as Item);
    expect(write.at.table).toBe('outbox');
    expect(pending?.event).toMatchObject({
      ...happening,
      occurredAtMs: nowMs,
      traceparent: toTraceparent(trace),
      correlationId: 'request-1',
    });
    expect(isUuidV7(pending?.event.id ?? '')).toBe(true);
    expect(uuidTimeMs(pending?.event.id ?? '')).toBe(nowMs);
    expect(pending?.expiresAtMs).toBe(nowMs + retention.outboxMs);
  });

  it('lets nothing into an event that is not of its type: it may be personal', () => {
    const data = { orderId: 'o1', userId: 'u1', email: 'jo@example.com' };
    expect(() => publish({ ...happening, data }, { trace, correlationId: 'request-1' })).toThrow(
      'email',
    );
  });
});
