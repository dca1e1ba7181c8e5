/** The event types: where each goes, and what it carries. No personal data: ids only. */
import * as z from 'zod';
import type { QueueName } from './queues.ts';

export interface EventRow {
  readonly queue: QueueName;
  readonly data: z.ZodType;
}

const ofAnOrder = z.strictObject({ orderId: z.string(), userId: z.string() });

export const eventTypes = {
  'order.created': { queue: 'order:process', data: ofAnOrder },
  'order.confirmed': { queue: 'email:send', data: ofAnOrder },
  'order.rejected': { queue: 'email:send', data: ofAnOrder },
  'order.cancelled': { queue: 'email:send', data: ofAnOrder },
  'order.changed': { queue: 'audit:record', data: ofAnOrder },
} as const satisfies Record<string, EventRow>;

export type EventType = keyof typeof eventTypes;
