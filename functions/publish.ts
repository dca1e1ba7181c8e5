/** Says what happened, in the transaction that makes it happen. */
import type * as z from 'zod';
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import type { Write } from '#shared/state/items.ts';
import { type Trace, toTraceparent } from '#shared/telemetry/trace.ts';
import { type EventType, eventTypes } from './tables/events.ts';
import { retention } from './tables/retention.ts';

export type DataOf<T extends EventType> = z.infer<(typeof eventTypes)[T]['data']>;

export interface Happening<T extends EventType> {
  readonly type: T;
  readonly tenant: string;
  readonly aggregate: string;
  /** The aggregate's version after it. */
  readonly seq: number;
  readonly data: DataOf<T>;
}

export interface PublishOptions {
  readonly trace: Trace;
  readonly correlationId: string;
  /** By how much the work on the event is put off, in whole seconds. Default: not at all. */
  readonly delaySeconds?: number;
  readonly now?: () => number;
  readonly newId?: (options: { readonly now: () => number }) => string;
}

/** @throws ZodError for data that is not of its type; RangeError for an event that is too large. */
export function publish<T extends EventType>(
  { type, data, ...happening }: Happening<T>,
  { trace, correlationId, delaySeconds = 0, now = Date.now, newId = uuidV7 }: PublishOptions,
): Write {
  const occurredAtMs = now();
  const event: DomainEvent = {
    ...happening,
    id: newId({ now: () => occurredAtMs }),
    type,
    occurredAtMs,
    traceparent: toTraceparent(trace),
    correlationId,
    ...(delaySeconds > 0 && { delaySeconds }),
    data: eventTypes[type].data.parse(data),
  };
  return eventWrite(event, { table: 'outbox', retainMs: retention.outboxMs });
}
