import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { itemId } from '../domain/ordering.ts';
import { itemReplacement, replacedItem } from './update-item.ts';

export const contract = {
  summary: 'Replace name and price of an item, and move its stock',
  description:
    'Needs the ETag that was read. Name, price and currency are replaced; orders that are placed keep the price they were placed at. `restock` is added to what is left at the moment of the change, so that no order in between is lost; each request applies it once, whatever happens on the way.',
  body: itemReplacement,
  path: z.strictObject({ id: itemId }),
  answer: {
    status: 200,
    description: 'What was changed. A repeated request gets the same answer.',
    body: replacedItem,
    headers: { etag: 'The new version of name and price.' },
  },
  problems: ['stale-version', 'stock-insufficient'],
  example: {
    role: 'admin',
    path: { id: 'vase' },
    headers: { 'if-match': '"1"' },
    body: { name: 'A vase', priceMinor: 2_700, currency: 'EUR', restock: 12 },
  },
} as const satisfies RouteContract;
