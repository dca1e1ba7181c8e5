/** POST /orders: prices the lines and writes a pending order; its worker reserves the stock. */
import * as z from 'zod';
import type { Price } from '../domain/catalogue.ts';
import type { Order } from '../domain/order.ts';
import {
  deliveryAddress,
  type LinesRefusal,
  orderedLines,
  priceLines,
} from '../domain/ordering.ts';

export const newOrder = z
  .strictObject({ lines: orderedLines, address: deliveryAddress })
  .meta({ id: 'NewOrder' });

export type NewOrder = z.infer<typeof newOrder>;

export interface OrderedBy {
  readonly id: string;
  readonly tenant: string;
  readonly userId: string;
  readonly nowMs: number;
}

/** The order as it will be written, or why not. */
export function decideOrder(
  { lines, address }: NewOrder,
  prices: readonly (Price | undefined)[],
  { id, tenant, userId, nowMs }: OrderedBy,
): { readonly order: Order } | { readonly refused: LinesRefusal } {
  const decision = priceLines(lines, prices);
  if ('refused' in decision) return decision;
  return {
    order: {
      id,
      tenant,
      userId,
      status: 'pending',
      version: 1,
      ...decision.priced,
      address,
      createdAt: new Date(nowMs).toISOString(),
    },
  };
}
