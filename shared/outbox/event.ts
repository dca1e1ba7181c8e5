/** A domain event: what happened to one aggregate, told in the transaction that made it happen. */
import * as z from 'zod';
import { isUuidV7 } from '../ids/uuid.ts';
import { maxDelaySeconds } from '../queue/calls.ts';
import type { Item } from '../state/items.ts';

export interface DomainEvent {
  /** UUIDv7: the name under which consumers know that they have seen it. */
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  /** What it happened to: `order/<id>`. */
  readonly aggregate: string;
  /** The aggregate's version after it. */
  readonly seq: number;
  readonly occurredAtMs: number;
  /** The trace of the request that caused it. */
  readonly traceparent: string;
  /** The id of that request, by which its caller may ask about it. */
  readonly correlationId: string;
  /** By how many whole seconds after `occurredAtMs` its work is put off: 0 to 900. Absent: not at all. */
  readonly delaySeconds?: number;
  /** Ids, never personal data: events are kept, copied and shown to operators. */
  readonly data: Item;
}

const schema: z.ZodType<DomainEvent> = z.object({
  id: z.string().refine(isUuidV7, 'not a version 7 UUID'),
  type: z.string().min(1),
  tenant: z.string().min(1),
  aggregate: z.string().min(1),
  seq: z.int().min(1),
  occurredAtMs: z.int().min(0),
  traceparent: z.string(),
  correlationId: z.string(),
  delaySeconds: z.int().min(0).max(maxDelaySeconds).exactOptional(),
  data: z.record(z.string(), z.json()),
});

/** Undefined for anything that is not an event. Fields that a later version may add are left out. */
export const readEvent = (value: unknown): DomainEvent | undefined => schema.safeParse(value).data;

/**
 * By how much it is still to be put off: what has passed on its way counts, so that an event which was
 * late, swept or replayed waits for nothing more.
 */
export function delayLeftSeconds(
  { occurredAtMs, delaySeconds = 0 }: Pick<DomainEvent, 'occurredAtMs' | 'delaySeconds'>,
  nowMs: number,
): number {
  const leftSeconds = Math.ceil((occurredAtMs + delaySeconds * 1_000 - nowMs) / 1_000);
  return Math.min(delaySeconds, Math.max(0, leftSeconds));
}

/** Largest event, as JSON in UTF-8: a fraction of what a queue takes, and of DynamoDB's largest item. */
export const maxEventBytes = 65_536;

/** @throws RangeError when it is no event (a wrong id, an empty name, …) or above `maxEventBytes`. */
export function assertEvent(event: DomainEvent): void {
  const { error } = schema.safeParse(event);
  if (error) throw new RangeError(`not an event: ${z.prettifyError(error)}`);
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes > maxEventBytes)
    throw new RangeError(`an event has at most ${maxEventBytes} bytes, got ${bytes}`);
}
