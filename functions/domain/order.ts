/** An order: what it is, what callers see of it, and the only code that knows its item. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';
import { orderListKey } from './keys.ts';

export const orderStatuses = ['pending', 'confirmed', 'rejected', 'cancelled'] as const;

export const orderLine = z.strictObject({
  itemId: z.string().meta({ description: 'The item ordered.' }),
  quantity: z.int().meta({ description: 'How many.' }),
  priceMinor: z.int().meta({ description: 'Price of one, in minor units, when it was ordered.' }),
});

/** What callers see. */
export const orderView = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(orderStatuses).meta({
      description:
        'pending until the stock is reserved; rejected when there was not enough; cancelled by its user.',
    }),
    version: z.int().min(1).meta({ description: 'Grows with each change; it is the ETag.' }),
    lines: z.array(orderLine),
    address: z.string(),
    totalMinor: z.int().meta({ description: 'Sum of the lines, in minor units.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' });

export type OrderView = z.infer<typeof orderView>;

export interface Order extends OrderView {
  readonly tenant: string;
  readonly userId: string;
}

const orderItem = orderView.extend({ tenant: z.string(), userId: z.string() });

/**
 * The item of a new order. Its commit adds the attribute `made`, the record of the request that
 * made it, which it keeps for ever: so a later change is a `set` of what changes, never a `put`.
 */
export const toOrderItem = (order: Order): Item => ({
  ...order,
  ...orderListKey(order.tenant, order),
});

/** @throws ZodError for an item that is not an order: a fault of ours, never a missing order. */
export const readOrder = (item: Item): Order => orderItem.strip().parse(item);

export const toOrderView = ({ tenant: _, userId: __, ...view }: Order): OrderView => view;

export const orderAggregate = (orderId: string): string => `order/${orderId}`;

/** Nothing about it changes any more. */
export const hasEnded = ({ status }: Pick<Order, 'status'>): boolean =>
  status === 'rejected' || status === 'cancelled';

export const orderEtag = ({ version }: { readonly version: number }): string => `"${version}"`;
