/** PATCH /orders/{id}: other lines while nothing is reserved for them, another address until the end. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Call } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { readChangedOrder } from '../changed-order.ts';
import { orderAddress } from '../domain/keys.ts';
import { type Order, type OrderView, orderAggregate, toOrderView } from '../domain/order.ts';
import {
  deliveryAddress,
  orderedLines,
  type Priced,
  priceLines,
  readPrices,
} from '../domain/ordering.ts';
import { linesProblem } from '../lines-problem.ts';
import type { Happening } from '../publish.ts';

export const orderPatch = z
  .strictObject({
    lines: orderedLines.optional().meta({ description: 'In place of all lines that there are.' }),
    address: deliveryAddress.optional(),
  })
  .refine(({ lines, address }) => lines !== undefined || address !== undefined, {
    error: 'names nothing to change',
  })
  .meta({ id: 'OrderPatch' });

export interface OrderChange extends Pick<Call, 'caller' | 'ifMatch'> {
  readonly id: string;
  readonly patch: z.infer<typeof orderPatch>;
}

export interface UpdateOrderOptions {
  readonly reader: UnitReader;
  readonly publish: (happening: Happening<'order.changed'>) => Write;
}

export async function updateOrder(
  { caller, ifMatch, id, patch: { lines, address } }: OrderChange,
  { reader, publish }: UpdateOrderOptions,
): Promise<Decision<OrderView, Problem>> {
  const { tenant } = caller;
  const found = await readChangedOrder({ caller, ifMatch }, id, reader);
  if ('refused' in found) return found;
  const { order } = found;
  // Once stock is reserved for the lines, other lines would be another order.
  if (lines && order.status !== 'pending')
    return {
      refused: new Problem('order-lines-fixed', { detail: `The order is ${order.status}.` }),
    };

  const pricing = lines && priceLines(lines, await readPrices(tenant, lines, reader));
  if (pricing && 'refused' in pricing) return { refused: linesProblem(pricing.refused) };
  const wanted = { ...pricing?.priced, ...(address !== undefined && { address }) };
  const changes = changesOf(order, wanted);
  // Without a write the commit still holds on to the version that is answered.
  if (!changes) return { answer: toOrderView(order), writes: [] };

  const version = order.version + 1;
  return {
    answer: toOrderView({ ...order, ...changes, version }),
    writes: [
      { set: { ...changes, version }, at: orderAddress(tenant, id) },
      publish({
        type: 'order.changed',
        tenant,
        aggregate: orderAggregate(id),
        seq: version,
        data: { orderId: id, userId: order.userId },
      }),
    ],
  };
}

type Changes = Partial<Priced & Pick<Order, 'address'>>;

/** What the order does not have yet; undefined when it has it all. */
function changesOf(order: Order, wanted: Changes): Changes | undefined {
  const different = Object.entries(wanted).filter(
    ([name, value]) => !isDeepStrictEqual(order[name as keyof Changes], value),
  );
  return different.length > 0 ? Object.fromEntries(different) : undefined;
}
