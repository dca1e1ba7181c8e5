/** The order that a request is to change. */
import type { Call } from '#shared/http/call.ts';
import { staleVersion } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { orderAddress } from './domain/keys.ts';
import { hasEnded, type Order, readOrder } from './domain/order.ts';
import { maySee } from './domain/ownership.ts';

/**
 * The order as its caller read it, or why it cannot be changed. That it has ended is said whatever
 * version was read: a precondition does not count where the answer would be a refusal without it
 * (RFC 9110 §13.2.1), and reading it again would not help.
 */
export async function readChangedOrder(
  { caller, ifMatch }: Pick<Call, 'caller' | 'ifMatch'>,
  id: string,
  { read }: UnitReader,
): Promise<{ readonly order: Order } | { readonly refused: Problem }> {
  const item = await read(orderAddress(caller.tenant, id));
  const order = item && readOrder(item);
  if (!order || !maySee(caller, order)) return { refused: new Problem('not-found') };
  if (hasEnded(order))
    return { refused: new Problem('order-ended', { detail: `The order is ${order.status}.` }) };
  if (order.version !== ifMatch) return { refused: staleVersion(order.version) };
  return { order };
}
