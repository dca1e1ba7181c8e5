/**
 * PUT /items/{id}: replaces name and price, and moves the stock.
 *
 * The stock of a PUT is a difference. An absolute number would be wrong by every order between the
 * count and the request; and if the stock had a version, each order would refuse a restocking that
 * was decided before it, and each restocking the orders.
 */
import * as z from 'zod';
import type { Call } from '#shared/http/call.ts';
import { staleVersion } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { readPrice, readStock } from '../domain/catalogue.ts';
import { itemAggregate, itemTerms } from '../domain/item.ts';
import { itemPriceAddress, itemStockAddress } from '../domain/keys.ts';
import type { Happening } from '../publish.ts';

const maxRestock = 1_000_000;

export const itemReplacement = itemTerms
  .extend({
    restock: z.int().min(-maxRestock).max(maxRestock).optional().meta({
      description: 'Pieces that came in, or below 0 that are gone. Absent: the stock stays.',
    }),
  })
  .meta({ id: 'ItemReplacement' });

export const replacedItem = itemTerms
  .extend({
    id: z.string(),
    version: z.int().min(1).meta({ description: 'Of name and price; it is the ETag.' }),
    restocked: z.int().meta({ description: 'By how much the stock was moved.' }),
  })
  .meta({ id: 'ReplacedItem' });

export interface ItemChange extends Pick<Call, 'caller' | 'ifMatch'> {
  readonly id: string;
  readonly item: z.infer<typeof itemReplacement>;
}

export interface UpdateItemOptions {
  readonly reader: UnitReader;
  readonly publish: (happening: Happening<'item.changed'>) => Write;
}

export async function updateItem(
  { caller: { tenant, user: userId }, ifMatch, id, item: { restock = 0, ...terms } }: ItemChange,
  { reader: { read, look }, publish }: UpdateItemOptions,
): Promise<Decision<z.infer<typeof replacedItem>, Problem>> {
  const at = itemPriceAddress(tenant, id);
  const stockAt = itemStockAddress(tenant, id);
  const price = readPrice(await read(at));
  if (!price) return { refused: new Problem('not-found') };
  if (price.version !== ifMatch) return { refused: staleVersion(price.version) };
  if (restock < 0) {
    const { available } = readStock(await look(stockAt)) ?? { available: 0 };
    if (available + restock < 0) return { refused: new Problem('stock-insufficient') };
  }

  const version = price.version + 1;
  const stocked: Write = {
    add: { available: restock },
    at: stockAt,
    // What orders reserve between the look and the commit cannot be taken out any more.
    ...(restock < 0 && { when: { where: { available: { atLeast: -restock } } } }),
  };
  return {
    answer: { ...terms, id, version, restocked: restock },
    writes: [
      { set: { ...terms, version }, at },
      ...(restock === 0 ? [] : [stocked]),
      publish({
        type: 'item.changed',
        tenant,
        aggregate: itemAggregate(id),
        seq: version,
        data: { itemId: id, userId },
      }),
    ],
  };
}
