/** Resources of a demo stage, and bookings far ahead. Each example has its own, so that none is in another's way. */
import { type Booking, toBookingItem } from '#functions/domain/booking.ts';
import { bookingAddress, resourceAddress, slotAddress } from '#functions/domain/keys.ts';
import type { Resource } from '#functions/domain/resource.ts';
import type { DemoTenant } from '#functions/tables/tiers.ts';
import type { Address, Item } from '#shared/state/items.ts';

const toResource = (id: string, name: string): Resource => ({
  version: 1,
  id,
  name,
  slotMinutes: 30,
  openFromMinute: 8 * 60,
  openUntilMinute: 18 * 60,
});

export const demoResources: readonly Resource[] = [
  toResource('room-1', 'Room 1'),
  toResource('room-2', 'Room 2'),
];

/** For load: booked around the clock in slots of five minutes. */
export const loadResources: readonly Resource[] = Array.from({ length: 20 }, (_, nth) => ({
  ...toResource(`hall-${nth + 1}`, `Hall ${nth + 1}`),
  slotMinutes: 5,
  openFromMinute: 0,
  openUntilMinute: 24 * 60,
}));

const toBooking = (
  tenant: DemoTenant,
  id: string,
  { hour, status }: { readonly hour: string; readonly status: 'held' | 'confirmed' },
): Booking => ({
  id: `0197a000-0000-7000-8000-00000000${id}`,
  tenant,
  userId: 'u1',
  resourceId: 'room-1',
  status,
  version: status === 'held' ? 1 : 2,
  slots: [`2090-01-10T${hour}:00:00Z`, `2090-01-10T${hour}:30:00Z`],
  endsAt: `2090-01-10T${String(Number(hour) + 1).padStart(2, '0')}:00:00Z`,
  holdEndsAt: `2090-01-10T${hour}:00:00.000Z`,
  createdAt: '2025-06-24T03:34:04.032Z',
});

/** One to read, one to confirm, one to release. */
export const demoBookings = (tenant: DemoTenant): readonly Booking[] => [
  toBooking(tenant, 'b001', { hour: '09', status: 'confirmed' }),
  toBooking(tenant, 'b002', { hour: '11', status: 'held' }),
  toBooking(tenant, 'b003', { hour: '14', status: 'confirmed' }),
];

/** Where each lies. A booking's slots are its own, as if it had been made by a caller. */
export function bookingsOf(
  tenant: DemoTenant,
): readonly { readonly at: Address; readonly item: Item }[] {
  const resources = [...demoResources, ...(tenant === 'load' ? loadResources : [])];
  return [
    ...resources.map((resource) => ({ at: resourceAddress(tenant, resource.id), item: resource })),
    ...demoBookings(tenant).flatMap((booking) => [
      { at: bookingAddress(tenant, booking.id), item: toBookingItem(booking) },
      ...booking.slots.map((start) => ({
        at: slotAddress(tenant, booking.resourceId, start),
        item: {
          bookingId: booking.id,
          ...(booking.status === 'held' && { expiresAtMs: Date.parse(booking.holdEndsAt) }),
        },
      })),
    ]),
  ];
}
