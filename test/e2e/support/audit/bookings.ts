/** Bookings, and the slots that they hold. */
import { asOf, type Booking, readBooking } from '#functions/domain/booking.ts';
import { slotAddress } from '#functions/domain/keys.ts';
import { readSlot } from '#functions/domain/slot.ts';
import type { Books } from './books.ts';

/** No two bookings stand on one slot, whatever the slots' own items say. */
export const noSlotIsTwice = (books: Books): readonly string[] => {
  const standing = bookingsOf(books)
    .filter(stands)
    .flatMap((booking) =>
      booking.slots.map((start) => ({ slot: nameOf(booking, start), id: booking.id })),
    );
  return [...Map.groupBy(standing, ({ slot }) => slot)]
    .filter(([, all]) => all.length > 1)
    .map(([slot, all]) => `${slot} is of ${all.map(({ id }) => id)}`);
};

/** A slot's item says whose it is, for good where its booking is confirmed; no other item is left. */
export const slotsAreTheirBookings = (books: Books): readonly string[] => {
  const bookings = bookingsOf(books);
  const missing = bookings.filter(stands).flatMap((booking) =>
    booking.slots
      .filter((start) => {
        const slot = readSlot(books.at(slotAddress(booking.tenant, booking.resourceId, start)));
        const forGood = slot?.expiresAtMs === undefined;
        return slot?.bookingId !== booking.id || forGood !== (booking.status === 'confirmed');
      })
      .map((start) => `${nameOf(booking, start)} is not that of ${booking.status} ${booking.id}`),
  );
  const byId = new Map(bookings.map((booking) => [booking.id, booking]));
  const astray = books
    .ofKind('resource')
    .filter(({ rest }) => rest[1] === 'slots')
    .filter(({ item, sk }) => {
      const slot = readSlot(item);
      // What has ended keeps nobody out, swept or not.
      if (slot?.expiresAtMs !== undefined && slot.expiresAtMs <= books.nowMs) return false;
      const booking = byId.get(slot?.bookingId ?? '');
      return !booking || !stands(booking) || !booking.slots.includes(sk);
    })
    .map(
      ({ tenant, rest, sk, item }) => `${tenant}/${rest[0]} ${sk} is held for ${item['bookingId']}`,
    );
  return [...missing, ...astray];
};

const bookingsOf = (books: Books): readonly Booking[] =>
  books.ofKind('booking').map(({ item }) => asOf(readBooking(item), books.nowMs));

const stands = ({ status }: Booking): boolean => status === 'held' || status === 'confirmed';

const nameOf = ({ tenant, resourceId }: Booking, start: string): string =>
  `${tenant}/${resourceId} ${start}`;
