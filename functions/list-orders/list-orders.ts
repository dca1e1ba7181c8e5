/** GET /orders: pages through one user's orders, or shard by shard through a tenant's. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';
import type { RangeReader } from '#shared/state/store.ts';
import {
  type ListedOrder,
  orderAddress,
  orderListKey,
  orderListPartition,
  orderListPrefix,
  orderListShards,
  shardOf,
} from '../domain/keys.ts';
import { type Order, readOrder } from '../domain/order.ts';

export interface OrderList {
  readonly tenant: string;
  /** Absent: every user of the tenant. */
  readonly userId?: string;
}

/** Where the next page begins: behind an order, or at the beginning of a shard. */
export const listPosition = z.strictObject({
  shard: z.int().min(0).max(orderListShards),
  after: z
    .strictObject({ userId: z.string(), createdAt: z.string(), orderId: z.string() })
    .optional(),
});

export type Position = z.infer<typeof listPosition>;

type After = NonNullable<Position['after']>;

export interface OrderPage {
  readonly orders: readonly Order[];
  readonly next?: Position;
}

/** Up to `limit` orders from a position on; fewer only at the end of the list. */
export async function pageOfOrders(
  store: RangeReader,
  { tenant, userId }: OrderList,
  { limit, from }: { readonly limit: number; readonly from?: Position },
): Promise<OrderPage> {
  const [firstShard, endShard] =
    userId === undefined ? [0, orderListShards] : [shardOf(userId), shardOf(userId) + 1];
  const orders: Order[] = [];
  let position: Position = from ?? { shard: firstShard };

  while (position.shard < endShard) {
    const page = await store.page({
      table: 'domain',
      index: 'lists',
      partition: { name: 'listPk', value: orderListPartition(tenant, position.shard) },
      sort: { name: 'listSk', ...(userId !== undefined && { prefix: orderListPrefix(userId) }) },
      limit: limit - orders.length,
      descending: true,
      ...(position.after && { after: toKeys(tenant, position.after) }),
    });
    const found = page.items.map(readOrder);
    orders.push(...found);
    const last = found.at(-1);
    position =
      page.next && last
        ? { shard: position.shard, after: toAfter(last) }
        : { shard: position.shard + 1 };
    if (orders.length === limit) break;
  }
  return position.shard < endShard ? { orders, next: position } : { orders };
}

/** All keys of an order in the index: what DynamoDB wants to go on behind it. */
const toKeys = (tenant: string, { orderId: id, ...after }: After): Item => ({
  ...orderAddress(tenant, id).key,
  ...orderListKey(tenant, { id, ...after }),
});

const toAfter = ({ userId, createdAt, id }: ListedOrder): After => ({
  userId,
  createdAt,
  orderId: id,
});
