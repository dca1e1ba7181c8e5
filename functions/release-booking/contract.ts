import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { bookingId, bookingView } from '../domain/booking.ts';

export const contract = {
  summary: 'Release a booking',
  description:
    'A hold while it lasts, or a confirmed booking before it starts: its slots are free in the same transaction. It stays readable.',
  path: z.strictObject({ id: bookingId }),
  answer: {
    status: 200,
    description: 'The booking as it was released. A repeated request gets the same answer.',
    body: bookingView,
    headers: { etag: 'Its last version.' },
  },
  problems: ['booking-ended'],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000b003' } },
} as const satisfies RouteContract;
