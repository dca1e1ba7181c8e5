import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { itemView } from '../domain/item.ts';
import { itemId } from '../domain/ordering.ts';

export const contract = {
  summary: 'Read an item',
  description:
    'The ETag stands for name and price, which is what `PUT` replaces. `available` is a reading of this moment, and moves with every order under the same ETag.',
  path: z.strictObject({ id: itemId }),
  answer: {
    status: 200,
    description: 'The item as it stands.',
    body: itemView,
    headers: { etag: 'The version of its name and price.' },
  },
  problems: [],
  example: { role: 'user', path: { id: 'book' } },
} as const satisfies RouteContract;
