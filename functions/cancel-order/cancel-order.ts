/** DELETE /orders/{id}: the order stays as its own tombstone, and what it had reserved is given back. */
import type { Call } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { readChangedOrder } from '../changed-order.ts';
import { itemStockAddress, orderAddress } from '../domain/keys.ts';
import { type Order, type OrderView, orderAggregate, toOrderView } from '../domain/order.ts';
import type { Happening } from '../publish.ts';

export interface Cancellation extends Pick<Call, 'caller' | 'ifMatch'> {
  readonly id: string;
}

export interface CancelOrderOptions {
  readonly reader: UnitReader;
  readonly publish: (happening: Happening<'order.cancelled'>) => Write;
}

export async function cancelOrder(
  { caller, ifMatch, id }: Cancellation,
  { reader, publish }: CancelOrderOptions,
): Promise<Decision<OrderView, Problem>> {
  const { tenant } = caller;
  const found = await readChangedOrder({ caller, ifMatch }, id, reader);
  if ('refused' in found) return found;
  const { order } = found;
  const cancelled = { status: 'cancelled', version: order.version + 1 } as const;
  return {
    answer: toOrderView({ ...order, ...cancelled }),
    writes: [
      { set: cancelled, at: orderAddress(tenant, id) },
      ...givenBack(order),
      publish({
        type: 'order.cancelled',
        tenant,
        aggregate: orderAggregate(id),
        seq: cancelled.version,
        data: { orderId: id, userId: order.userId },
      }),
    ],
  };
}

/** What a confirmed order took; a pending one has taken nothing. */
const givenBack = ({ status, tenant, lines }: Order): readonly Write[] =>
  status === 'confirmed'
    ? lines.map(({ itemId, quantity }) => ({
        add: { available: quantity },
        at: itemStockAddress(tenant, itemId),
      }))
    : [];
