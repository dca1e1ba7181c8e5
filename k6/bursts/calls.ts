/** Calls as cheap as can be: what is invalid, or is not there, costs as much. */
import type { Asked } from '../support/ask.ts';
import type { Part } from './held.ts';

/** Costs a token of its writer: it lacks all that an order has. */
export const badOrder = (part: Part): Asked => ({
  route: 'create-order',
  method: 'POST',
  path: '/orders',
  body: {},
  headers: { 'idempotency-key': 'never-used-by-bursts' },
  tags: { part },
});

/** Costs a token of its reader: nobody has such an order. */
export const noOrder = (part: Part): Asked => ({
  route: 'get-order',
  method: 'GET',
  path: '/orders/0197a000-0000-7000-8000-00000000ffff',
  tags: { part },
});

export const report = (part: Part): Asked => ({
  route: 'get-sales-report',
  method: 'GET',
  path: '/reports/sales',
  tags: { part },
});
