/** POST /orders: prices the lines and writes a pending order; its worker reserves the stock. */
import * as z from 'zod';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { type Price, readPrice } from '../domain/catalogue.ts';
import { itemPriceAddress } from '../domain/keys.ts';
import type { Order } from '../domain/order.ts';

/** A transaction holds 100 items, and each line costs one or two of them. */
const maxLines = 20;

export const newOrder = z
  .strictObject({
    lines: z
      .array(
        z.strictObject({
          itemId: z.string().min(1).max(64),
          quantity: z.int().min(1).max(1_000),
        }),
      )
      .min(1)
      .max(maxLines)
      .refine((lines) => new Set(lines.map(({ itemId }) => itemId)).size === lines.length, {
        error: 'an item stands in one line only',
      }),
    address: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, {
        error: 'holds a control character, or one that turns the direction of text',
      })
      .meta({ description: 'Where the order goes, in one line.' }),
  })
  .meta({ id: 'NewOrder' });

export type NewOrder = z.infer<typeof newOrder>;

/** The prices that an order names, in the order of its lines; undefined for an unknown item. */
export const readPrices = (
  tenant: string,
  { lines }: NewOrder,
  { read }: UnitReader,
): Promise<readonly (Price | undefined)[]> =>
  Promise.all(
    lines.map(async ({ itemId }) => readPrice(await read(itemPriceAddress(tenant, itemId)))),
  );

export interface OrderedBy {
  readonly id: string;
  readonly tenant: string;
  readonly userId: string;
  readonly nowMs: number;
}

/** Why an order is refused: the lines it names, by index. */
export type OrderRefusal =
  | { readonly because: 'unknown-items'; readonly lines: readonly number[] }
  | { readonly because: 'mixed-currencies'; readonly lines: readonly number[] };

/** The order as it will be written, or why not. */
export function decideOrder(
  { lines, address }: NewOrder,
  prices: readonly (Price | undefined)[],
  { id, tenant, userId, nowMs }: OrderedBy,
): { readonly order: Order } | { readonly refused: OrderRefusal } {
  const indexes = [...lines.keys()];
  const unknown = indexes.filter((index) => prices[index] === undefined);
  if (unknown.length > 0) return { refused: { because: 'unknown-items', lines: unknown } };

  const known = prices.filter((price) => price !== undefined);
  const currency = known[0]?.currency ?? '';
  const foreign = indexes.filter((index) => prices[index]?.currency !== currency);
  if (foreign.length > 0) return { refused: { because: 'mixed-currencies', lines: foreign } };

  const priced = lines.map((line, index) => ({
    ...line,
    priceMinor: known[index]?.priceMinor ?? 0,
  }));
  return {
    order: {
      id,
      tenant,
      userId,
      status: 'pending',
      version: 1,
      lines: priced,
      address,
      totalMinor: priced.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
      currency,
      createdAt: new Date(nowMs).toISOString(),
    },
  };
}
