import type { RouteContract } from '../contract.ts';
import { bookingView } from '../domain/booking.ts';
import { newBooking } from './create-booking.ts';

export const contract = {
  summary: 'Hold slots',
  description:
    'Holds all the slots or none of them, until the hold ends or is confirmed. A slot whose hold has ended is free at once.',
  body: newBooking,
  answer: {
    status: 201,
    description: 'The hold as it was made. A repeated request gets the same answer.',
    body: bookingView,
    headers: { location: 'Where the booking is read.', etag: 'Its version.' },
  },
  problems: [
    'slot-taken',
    'slot-repeated',
    'slots-not-contiguous',
    'slot-outside',
    'resource-unknown',
  ],
  example: {
    role: 'user',
    body: {
      resourceId: 'room-1',
      slots: ['2090-01-09T09:00:00Z', '2090-01-09T09:30:00Z'],
      holdForSeconds: 600,
    },
  },
} as const satisfies RouteContract;
