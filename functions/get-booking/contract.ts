import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { bookingId, bookingView } from '../domain/booking.ts';

export const contract = {
  summary: 'Read a booking',
  description:
    "A user reads their own bookings, an admin or service every one of the tenant's. A hold that has ended is `lapsed`.",
  path: z.strictObject({ id: bookingId }),
  answer: {
    status: 200,
    description: 'The booking as it stands.',
    body: bookingView,
    headers: { etag: 'Its version.' },
  },
  problems: [],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000b001' } },
} as const satisfies RouteContract;
