import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { orderView } from '../domain/order.ts';
import { wholeNumber } from '../whole-number.ts';

const defaultLimit = 20;
const maxLimit = 100;

export const orderPage = z
  .strictObject({
    orders: z.array(orderView),
    next: z
      .string()
      .meta({ description: 'The `cursor` of the next page. Absent on the last one.' })
      .optional(),
  })
  .meta({ id: 'OrderPage' });

export const contract = {
  summary: 'List orders',
  description:
    'A user sees their own orders, newest first. An admin or service sees those of the tenant, user by user, or with `user` those of one.',
  query: z.strictObject({
    limit: wholeNumber({ most: maxLimit }).prefault(defaultLimit).meta({
      description: 'Orders on a page.',
    }),
    cursor: z.string().max(4_000).optional().meta({
      description: '`next` of the page before, with the same parameters otherwise.',
    }),
    user: z.string().min(1).max(128).optional().meta({
      description: 'Only the orders of this user. A user may only name themselves.',
    }),
  }),
  answer: { status: 200, description: 'One page of orders.', body: orderPage },
  problems: ['cursor-invalid'],
  example: { role: 'user', query: { limit: '2' } },
} as const satisfies RouteContract;
