import type { RouteContract } from '../contract.ts';
import { orderView } from '../domain/order.ts';
import { newOrder } from './create-order.ts';

export const contract = {
  summary: 'Place an order',
  description:
    'The order is priced and stands as `pending`; its worker reserves the stock and confirms or rejects it.',
  body: newOrder,
  answer: {
    status: 201,
    description: 'The order as it was placed. A repeated request gets the same answer.',
    body: orderView,
    headers: { location: 'Where the order is read.', etag: 'Its version.' },
  },
  problems: ['item-unknown', 'currency-mixed'],
  example: {
    role: 'user',
    body: { lines: [{ itemId: 'book', quantity: 2 }], address: '1 Harbour Road, Bristol' },
  },
} as const satisfies RouteContract;
