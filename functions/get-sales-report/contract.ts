import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { salesView } from '../domain/sales.ts';

const day = z.iso.date();

export const contract = {
  summary: 'See what was sold',
  description:
    'Every order of the tenant, counted by status; confirmed ones also summed by currency and item. It is remembered for a while, and counted anew soon after an order has changed: `age` says how old it is. Send its ETag as `If-None-Match`, and it comes again only when it has changed.',
  query: z
    .strictObject({
      from: day.optional().meta({
        description: 'Only orders made on this day (UTC) or later. It is no cheaper than all.',
      }),
      to: day.optional().meta({ description: 'Only orders made on this day (UTC) or earlier.' }),
    })
    .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
      path: ['to'],
      error: 'is before from',
    }),
  answer: {
    status: 200,
    description: 'The sales as they stood `age` seconds ago, or somewhat later.',
    body: salesView,
    notModified: 'Still what the caller has.',
    headers: {
      etag: 'Names this very content.',
      'cache-control': 'How long the caller may keep it; nobody else may.',
      vary: 'Another caller has another report.',
      age: 'Seconds since it was counted.',
    },
  },
  problems: [],
  example: { role: 'admin', query: { from: '2025-01-01' } },
} as const satisfies RouteContract;
