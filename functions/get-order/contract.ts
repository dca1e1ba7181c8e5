import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { orderView } from '../domain/order.ts';

export const contract = {
  summary: 'Read an order',
  description: "A user reads their own orders, an admin or service every one of the tenant's.",
  path: z.strictObject({ id: z.uuid().toLowerCase() }),
  answer: {
    status: 200,
    description: 'The order as it stands.',
    body: orderView,
    headers: { etag: 'Its version.' },
  },
  problems: [],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-000000000001' } },
} as const satisfies RouteContract;
