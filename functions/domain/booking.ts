/**
 * A booking: one or several slots of a resource that follow each other, first *held* until an
 * instant, then *confirmed*; or *released* by its user, or *lapsed*.
 *
 * A hold that has ended is lapsed from that instant on, whether or not the sweeper has written it
 * down, and is never confirmed: `asOf` is how every reader sees it. By whose clock? By that of the
 * function that decides; so that two of them cannot both have a slot whatever their clocks say, the
 * slots' own items decide (slot.ts).
 */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';
import { heldListKey } from './keys.ts';
import { instant } from './resource.ts';

export const bookingStatuses = ['held', 'confirmed', 'released', 'lapsed'] as const;

export const bookingId = z.uuid().toLowerCase();

/** What callers see. */
export const bookingView = z
  .strictObject({
    id: z.uuid(),
    resourceId: z.string(),
    status: z.enum(bookingStatuses).meta({
      description: 'held until holdEndsAt, then confirmed or lapsed; released by its user.',
    }),
    version: z.int().min(1).meta({ description: 'Grows with each change; it is the ETag.' }),
    slots: z.array(instant).meta({ description: 'Starts of its slots, ascending.' }),
    endsAt: instant.meta({ description: 'The end of its last slot.' }),
    holdEndsAt: z.iso.datetime().meta({
      description: 'When the hold lapses unless it was confirmed: at the latest when it starts.',
    }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Booking' });

export type BookingView = z.infer<typeof bookingView>;

const bookingItem = bookingView.extend({ tenant: z.string(), userId: z.string() });

export type Booking = z.infer<typeof bookingItem>;

/** Only holds stand in the sweeper's list. */
export const toBookingItem = (booking: Booking): Item => ({
  ...booking,
  ...(booking.status === 'held' && heldListKey(booking)),
});

/** The item of a booking that has changed, with what else the item carries. */
export function changedItem({ listPk: _, listSk: __, ...kept }: Item, booking: Booking): Item {
  return { ...kept, ...toBookingItem(booking) };
}

/** @throws ZodError for an item that is no booking: a fault of ours, never a missing booking. */
export const readBooking = (item: Item): Booking => bookingItem.strip().parse(item);

export const toBookingView = ({ tenant: _, userId: __, ...view }: Booking): BookingView => view;

export const bookingAggregate = (id: string): string => `booking/${id}`;

const startMs = ({ slots }: Booking): number => Date.parse(slots[0] ?? '');

const changed = (booking: Booking, status: Booking['status']): Booking => ({
  ...booking,
  status,
  version: booking.version + 1,
});

/** The booking as it is at an instant: what the sweeper has yet to write is true before it does. */
export const asOf = (booking: Booking, nowMs: number): Booking =>
  booking.status === 'held' && Date.parse(booking.holdEndsAt) <= nowMs
    ? changed(booking, 'lapsed')
    : booking;

export type Change =
  | { readonly changed: Booking }
  /** It is so already. */
  | { readonly unchanged: Booking }
  | { readonly refused: 'hold-expired' | 'booking-ended' };

export function confirm(stored: Booking, nowMs: number): Change {
  const booking = asOf(stored, nowMs);
  switch (booking.status) {
    case 'held':
      return { changed: changed(booking, 'confirmed') };
    case 'confirmed':
      return { unchanged: booking };
    case 'lapsed':
      return { refused: 'hold-expired' };
    case 'released':
      return { refused: 'booking-ended' };
  }
}

/** A hold while it lasts, or a confirmed booking before it starts. */
export function release(stored: Booking, nowMs: number): Change {
  const booking = asOf(stored, nowMs);
  const mayStill =
    booking.status === 'held' || (booking.status === 'confirmed' && startMs(booking) > nowMs);
  return mayStill ? { changed: changed(booking, 'released') } : { refused: 'booking-ended' };
}
