/** An event of an order, as of an instant. */
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';

export const eventAt = (occurredAtMs: number, fields: Partial<DomainEvent> = {}): DomainEvent => ({
  id: uuidV7({ now: () => occurredAtMs }),
  type: 'order.created',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 1,
  occurredAtMs,
  traceparent: '',
  correlationId: 'c1',
  data: {},
  ...fields,
});
