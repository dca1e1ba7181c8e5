/** What an order's creation leads to: its stock reserved and the order confirmed, or rejected. */

import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done } from '../consumer.ts';
import { readStock, type Stock } from '../domain/catalogue.ts';
import { itemStockAddress, orderAddress } from '../domain/keys.ts';
import { type Order, orderAggregate, readOrder } from '../domain/order.ts';
import type { Happening } from '../publish.ts';

type Line = Order['lines'][number];

/** The stock of each line, in the order of the lines; undefined for an item that has none. */
type Stocks = readonly (Stock | undefined)[];

/**
 * The line that cannot be served, or undefined when all can. One is enough to reject an order, and
 * one is all that the commit then needs to hold on to.
 */
export const lackingLine = (lines: readonly Line[], stocks: Stocks): Line | undefined =>
  lines.find(({ quantity }, index) => (stocks[index]?.available ?? 0) < quantity);

/** Each takes what its line says, and fails where the stock has fallen below it since it was read. */
export const reservations = (tenant: string, lines: readonly Line[]): readonly Write[] =>
  lines.map(({ itemId, quantity }) => ({
    add: { available: -quantity },
    at: itemStockAddress(tenant, itemId),
    when: { where: { available: { atLeast: quantity } } },
  }));

/** That the line still cannot be served: without it, stock that came in meanwhile would go unseen. */
export function stillLacking(
  tenant: string,
  { itemId, quantity }: Line,
  stock: Stock | undefined,
): Write {
  const at = itemStockAddress(tenant, itemId);
  return stock
    ? { check: { where: { available: { below: quantity } } }, at }
    : { check: { absent: true }, at };
}

export interface ProcessOrderOptions {
  readonly reader: UnitReader;
  readonly publish: (happening: Happening<'order.confirmed' | 'order.rejected'>) => Write;
}

/** @throws PermanentFault for an order that does not exist. */
export async function processOrder(
  { tenant, data: { orderId } }: EventOf<'order.created'>,
  { reader, publish }: ProcessOrderOptions,
): Promise<Decision<Done, never>> {
  const at = orderAddress(tenant, orderId);
  const item = await reader.read(at);
  if (!item) throw new PermanentFault('order-missing');
  const order = readOrder(item);
  // Decided before, or cancelled meanwhile. Lines that were changed are those of this reading.
  if (order.status !== 'pending')
    return { answer: { outcome: 'done', status: order.status }, writes: [] };

  const stocks = await Promise.all(
    order.lines.map(async ({ itemId }) =>
      readStock(await reader.look(itemStockAddress(tenant, itemId))),
    ),
  );
  const lacking = lackingLine(order.lines, stocks);
  const status = lacking ? 'rejected' : 'confirmed';
  const version = order.version + 1;
  return {
    answer: { outcome: 'done', status },
    writes: [
      // The reader has read the order, so the commit holds only for the version that was read.
      { set: { status, version }, at },
      ...(lacking
        ? [stillLacking(tenant, lacking, stocks[order.lines.indexOf(lacking)])]
        : reservations(tenant, order.lines)),
      publish({
        type: `order.${status}`,
        tenant,
        aggregate: orderAggregate(orderId),
        seq: version,
        data: { orderId, userId: order.userId },
      }),
    ],
  };
}
