import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { instant, resourceId } from '../domain/resource.ts';

const maxWindowMs = 7 * 86_400_000;

export const availability = z
  .strictObject({
    resourceId: z.string(),
    name: z.string(),
    slotMinutes: z.int(),
    slots: z.array(
      z.strictObject({
        start: instant,
        state: z.enum(['free', 'held', 'booked']).meta({
          description: 'held: free again at heldUntil, unless it is confirmed before.',
        }),
        heldUntil: z.iso.datetime().optional(),
      }),
    ),
  })
  .meta({ id: 'Availability' });

export const contract = {
  summary: 'See which slots are free',
  description: 'Slots that lie whole in the window and have not begun, ascending.',
  path: z.strictObject({ id: resourceId }),
  query: z
    .strictObject({
      from: instant.meta({ description: 'Whole seconds, in UTC.' }),
      to: instant.meta({ description: 'After `from`, by seven days at most.' }),
    })
    .refine(({ from, to }) => Date.parse(to) > Date.parse(from), {
      path: ['to'],
      error: 'must be after from',
    })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= maxWindowMs, {
      path: ['to'],
      error: 'is more than seven days after from',
    }),
  answer: {
    status: 200,
    description: 'The slots as they stood when they were read.',
    body: availability,
  },
  problems: [],
  example: {
    role: 'user',
    path: { id: 'room-1' },
    query: { from: '2090-01-09T00:00:00Z', to: '2090-01-10T00:00:00Z' },
  },
} as const satisfies RouteContract;
