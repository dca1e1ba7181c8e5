/** Events that no consumer can ever do, as a producer with a bug would publish them. */
import type { EventType } from '#functions/tables/events.ts';
import { retention } from '#functions/tables/retention.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import type { Item, Write } from '#shared/state/items.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';

export interface Poison {
  readonly id: string;
  readonly write: Write;
}

/** Of each queue one: what does not exist, and data that is not of its type. */
const kinds: readonly { readonly type: EventType; readonly data: Item }[] = [
  { type: 'order.created', data: { orderId: 'none', userId: 'u1' } },
  { type: 'order.confirmed', data: { orderId: 7 } },
  { type: 'order.changed', data: { orderId: true } },
  { type: 'relay.accepted', data: { jobId: 'none', userId: 'u1' } },
  { type: 'tenant.violated', data: { kind: 'none' } },
];

export const poisonOf = (tenant: string, each: number): readonly Poison[] =>
  Array.from({ length: each }, (_, nth) =>
    kinds.map(({ type, data }) => {
      const event: DomainEvent = {
        id: uuidV7(),
        type,
        tenant,
        aggregate: `poison/${type}/${nth}`,
        seq: 1,
        occurredAtMs: Date.now(),
        traceparent: toTraceparent(newTrace()),
        correlationId: 'poison',
        data,
      };
      return {
        id: event.id,
        write: eventWrite(event, { table: 'outbox', retainMs: retention.outboxMs }),
      };
    }),
  ).flat();
