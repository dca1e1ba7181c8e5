/** The event types: where each goes, and what it carries. No personal data: ids only. */
import * as z from 'zod';
import type { QueueName, queues } from './queues.ts';

/** What is remembered of a tenant, by what it is made of. */
export type CacheTag = 'sales';

/** A row whose priority is not that of its queue does not compile. The relay sends the most urgent first. */
export type EventRow = {
  readonly [Q in QueueName]: {
    readonly queue: Q;
    readonly priority: (typeof queues)[Q]['priority'];
    readonly data: z.ZodType;
    /** What is remembered and is old by it. */
    readonly invalidates?: readonly CacheTag[];
  };
}[QueueName];

const ofAnOrder = z.strictObject({ orderId: z.string(), userId: z.string() });

const ofAnItem = z.strictObject({ itemId: z.string(), userId: z.string() });
const ofATransfer = z.strictObject({ transferId: z.string(), userId: z.string() });
/** Not the option: nobody but the vote itself says what somebody voted for. */
const ofAVote = z.strictObject({ pollId: z.string(), userId: z.string() });
const ofARedemption = z.strictObject({
  redemptionId: z.string(),
  code: z.string(),
  userId: z.string(),
});
const ofABooking = z.strictObject({ bookingId: z.string(), userId: z.string() });
const ofAClaim = z.strictObject({ claimId: z.string(), userId: z.string() });

/**
 * A call that named a tenant other than its token's. Of what it named only a tenant's name is kept:
 * anything else is text of a stranger's.
 */
const ofAViolation = z.strictObject({
  kind: z.enum(['other-tenant', 'reserved-tenant', 'malformed-tenant']),
  place: z.enum(['path', 'header', 'token']),
  attempted: z.string().max(63).exactOptional(),
  route: z.string(),
  userId: z.string(),
  /** Violations of the same tenant before this one that left no event. */
  suppressed: z.int().min(0),
});

const ofAReplay = z.strictObject({
  queue: z.string(),
  replayId: z.string(),
  step: z.int().min(1),
});
const ofAnEventReplay = z.strictObject({ replayId: z.string(), step: z.int().min(1) });

const ofARelayJob = z.strictObject({ jobId: z.string(), userId: z.string() });

export const eventTypes = {
  'order.created': {
    queue: 'order:process',
    priority: 'NORMAL',
    data: ofAnOrder,
    invalidates: ['sales'],
  },
  'order.confirmed': {
    queue: 'email:send',
    priority: 'LOW',
    data: ofAnOrder,
    invalidates: ['sales'],
  },
  'order.rejected': {
    queue: 'email:send',
    priority: 'LOW',
    data: ofAnOrder,
    invalidates: ['sales'],
  },
  'order.cancelled': {
    queue: 'email:send',
    priority: 'LOW',
    data: ofAnOrder,
    invalidates: ['sales'],
  },
  'order.changed': { queue: 'audit:record', priority: 'LOW', data: ofAnOrder },
  'item.changed': { queue: 'audit:record', priority: 'LOW', data: ofAnItem },
  'transfer.completed': { queue: 'audit:record', priority: 'LOW', data: ofATransfer },
  'vote.cast': { queue: 'audit:record', priority: 'LOW', data: ofAVote },
  'vote.withdrawn': { queue: 'audit:record', priority: 'LOW', data: ofAVote },
  'coupon.redeemed': { queue: 'audit:record', priority: 'LOW', data: ofARedemption },
  'booking.held': { queue: 'audit:record', priority: 'LOW', data: ofABooking },
  'booking.confirmed': { queue: 'audit:record', priority: 'LOW', data: ofABooking },
  'booking.released': { queue: 'audit:record', priority: 'LOW', data: ofABooking },
  'booking.lapsed': { queue: 'audit:record', priority: 'LOW', data: ofABooking },
  'reward.claimed': { queue: 'audit:record', priority: 'LOW', data: ofAClaim },
  'tenant.violated': { queue: 'violation:record', priority: 'CRITICAL', data: ofAViolation },
  'relay.accepted': { queue: 'relay:deliver', priority: 'NORMAL', data: ofARelayJob },
  'letters.replay-requested': { queue: 'dlq:replay', priority: 'NORMAL', data: ofAReplay },
  'events.replay-requested': { queue: 'dlq:replay', priority: 'NORMAL', data: ofAnEventReplay },
} as const satisfies Record<string, EventRow>;

export type EventType = keyof typeof eventTypes;

/** Of a type as it stands in an event; undefined for one that this service does not know. */
export const eventRowOf = (type: string): EventRow | undefined =>
  Object.hasOwn(eventTypes, type) ? eventTypes[type as EventType] : undefined;
