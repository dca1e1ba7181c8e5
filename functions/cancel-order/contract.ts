import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { orderView } from '../domain/order.ts';

export const contract = {
  summary: 'Cancel an order',
  description:
    'A `pending` or `confirmed` order is cancelled, and the stock reserved for it is given back in the same transaction. It stays readable. Needs the ETag that was read.',
  path: z.strictObject({ id: z.uuid().toLowerCase() }),
  answer: {
    status: 200,
    description: 'The order as it was cancelled. A repeated request gets the same answer.',
    body: orderView,
    headers: { etag: 'Its last version.' },
  },
  problems: ['stale-version', 'order-ended'],
  example: {
    role: 'user',
    path: { id: '0197a000-0000-7000-8000-000000000003' },
    headers: { 'if-match': '"1"' },
  },
} as const satisfies RouteContract;
