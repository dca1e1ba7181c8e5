import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { bookingId, bookingView } from '../domain/booking.ts';

export const contract = {
  summary: 'Confirm a hold',
  description:
    'A hold that has ended is never confirmed. A booking that is confirmed already is answered as it stands.',
  path: z.strictObject({ id: bookingId }),
  answer: {
    status: 200,
    description: 'The booking as it was confirmed. A repeated request gets the same answer.',
    body: bookingView,
    headers: { etag: 'Its version.' },
  },
  problems: ['hold-expired', 'booking-ended'],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000b002' } },
} as const satisfies RouteContract;
