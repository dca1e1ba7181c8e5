/** POST /bookings: holds slots that follow each other, all of them or none. */
import * as z from 'zod';
import type { Write } from '#shared/state/items.ts';
import { type Booking, toBookingItem } from '../domain/booking.ts';
import { bookingAddress } from '../domain/keys.ts';
import {
  instant,
  isSlotStart,
  type Resource,
  resourceId,
  slotEndMs,
  toInstant,
} from '../domain/resource.ts';
import { holdSlots, isFree, type Slot } from '../domain/slot.ts';

/** Each is an item of the transaction, and a read before it. */
const maxSlots = 24;

export const newBooking = z
  .strictObject({
    resourceId,
    slots: z.array(instant).min(1).max(maxSlots).meta({
      description: 'Starts of slots that follow each other, in any order, in whole seconds UTC.',
    }),
    holdForSeconds: z.int().min(5).max(900).default(600).meta({
      description: 'How long they are held unless confirmed; never beyond the start of the first.',
    }),
  })
  .meta({ id: 'NewBooking' });

export type NewBooking = z.infer<typeof newBooking>;

export interface BookedBy {
  readonly id: string;
  readonly tenant: string;
  readonly userId: string;
  readonly nowMs: number;
}

/** Why slots are not held, and which of them, by index in the request. */
export type HoldRefusal =
  | { readonly because: 'resource-unknown' }
  | {
      readonly because: 'slot-repeated' | 'slot-outside' | 'slots-not-contiguous' | 'slot-taken';
      readonly slots: readonly number[];
    };

export interface Found {
  readonly resource: Resource | undefined;
  /** What stands at each slot of the request, in its order. */
  readonly slots: readonly (Slot | undefined)[];
}

/** The hold as it will be written, or why not. */
export function decideHold(
  { resourceId: of, slots, holdForSeconds }: NewBooking,
  found: Found,
  { id, tenant, userId, nowMs }: BookedBy,
): { readonly booking: Booking } | { readonly refused: HoldRefusal } {
  const starts = slots.map((start) => Date.parse(start));
  const indexesWhere = (is: (startMs: number, index: number) => boolean) =>
    starts.flatMap((startMs, index) => (is(startMs, index) ? [index] : []));

  const repeated = indexesWhere((startMs, index) => starts.indexOf(startMs) < index);
  if (repeated.length > 0) return { refused: { because: 'slot-repeated', slots: repeated } };
  const { resource } = found;
  if (!resource) return { refused: { because: 'resource-unknown' } };
  const outside = indexesWhere((startMs) => !isSlotStart(resource, startMs) || startMs <= nowMs);
  if (outside.length > 0) return { refused: { because: 'slot-outside', slots: outside } };
  const first = Math.min(...starts);
  const apart = indexesWhere(
    (startMs) =>
      startMs !== first && !starts.some((other) => slotEndMs(resource, other) === startMs),
  );
  if (apart.length > 0) return { refused: { because: 'slots-not-contiguous', slots: apart } };
  const taken = indexesWhere((_, index) => !isFree(found.slots[index], nowMs));
  if (taken.length > 0) return { refused: { because: 'slot-taken', slots: taken } };

  return {
    booking: {
      id,
      tenant,
      userId,
      resourceId: of,
      status: 'held',
      version: 1,
      slots: starts.toSorted((a, b) => a - b).map(toInstant),
      endsAt: toInstant(slotEndMs(resource, Math.max(...starts))),
      holdEndsAt: new Date(Math.min(nowMs + holdForSeconds * 1_000, first)).toISOString(),
      createdAt: new Date(nowMs).toISOString(),
    },
  };
}

/** The booking, and each of its slots under the condition that it is free when it is written. */
export const holdWrites = (booking: Booking, nowMs: number): readonly Write[] => [
  {
    put: toBookingItem(booking),
    at: bookingAddress(booking.tenant, booking.id),
    when: { absent: true },
  },
  ...holdSlots(
    { ...booking, bookingId: booking.id },
    { nowMs, untilMs: Date.parse(booking.holdEndsAt) },
  ),
];
