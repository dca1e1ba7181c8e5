import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { orderView } from '../domain/order.ts';
import { orderPatch } from './update-order.ts';

export const contract = {
  summary: 'Change an order',
  description:
    'The address changes until the order has ended, the lines only while it is `pending`; they are priced anew. Needs the ETag that was read. A patch that asks for what the order has already answers the order as it stands: same version, same ETag, no event.',
  body: orderPatch,
  path: z.strictObject({ id: z.uuid().toLowerCase() }),
  answer: {
    status: 200,
    description: 'The order as it was changed. A repeated request gets the same answer.',
    body: orderView,
    headers: { etag: 'Its new version.' },
  },
  problems: ['stale-version', 'order-ended', 'order-lines-fixed', 'item-unknown', 'currency-mixed'],
  example: {
    role: 'user',
    path: { id: '0197a000-0000-7000-8000-000000000002' },
    headers: { 'if-match': '"1"' },
    body: { address: '2 Harbour Road, Bristol' },
  },
} as const satisfies RouteContract;
