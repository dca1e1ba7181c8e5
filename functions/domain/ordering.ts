/** What may be ordered, and what it costs: for new orders and for changed ones. */
import * as z from 'zod';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { type Price, readPrice } from './catalogue.ts';
import { itemPriceAddress } from './keys.ts';
import type { Order } from './order.ts';
import { lineOfText } from './text.ts';

/** A transaction holds 100 items, and each line costs one or two of them. */
const maxLines = 20;

export const itemId = z.string().min(1).max(64);

export const orderedLines = z
  .array(z.strictObject({ itemId, quantity: z.int().min(1).max(1_000) }))
  .min(1)
  .max(maxLines)
  .refine((lines) => new Set(lines.map((line) => line.itemId)).size === lines.length, {
    error: 'an item stands in one line only',
  });

export type OrderedLines = z.infer<typeof orderedLines>;

export const deliveryAddress = lineOfText(300).meta({
  description: 'Where the order goes, in one line.',
});

/** The prices that the lines name, in their order; undefined for an unknown item. */
export const readPrices = (
  tenant: string,
  lines: OrderedLines,
  { read }: UnitReader,
): Promise<readonly (Price | undefined)[]> =>
  Promise.all(
    lines.map(async (line) => readPrice(await read(itemPriceAddress(tenant, line.itemId)))),
  );

/** Why lines are refused, and which, by index. */
export type LinesRefusal =
  | { readonly because: 'unknown-items'; readonly lines: readonly number[] }
  | { readonly because: 'mixed-currencies'; readonly lines: readonly number[] };

export type Priced = Pick<Order, 'lines' | 'totalMinor' | 'currency'>;

/** The lines at these prices, or why not. */
export function priceLines(
  lines: OrderedLines,
  prices: readonly (Price | undefined)[],
): { readonly priced: Priced } | { readonly refused: LinesRefusal } {
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
  const totalMinor = priced.reduce(
    (sum, { quantity, priceMinor }) => sum + quantity * priceMinor,
    0,
  );
  return { priced: { lines: priced, totalMinor, currency } };
}
