/** An item for sale, as callers see it: its terms, which have the version, and what is left of it. */
import * as z from 'zod';
import type { Price, Stock } from './catalogue.ts';
import { currency, maxAmountMinor } from './money.ts';
import { lineOfText } from './text.ts';

/**
 * The dearest order of 20 lines of 1,000 pieces each stays exact: 20,000 times this is below 2^53.
 */
const maxPriceMinor = maxAmountMinor / 10;

export const itemTerms = z.strictObject({
  name: lineOfText(200),
  priceMinor: z.int().min(1).max(maxPriceMinor).meta({ description: 'Of one, in minor units.' }),
  currency,
});

export const itemView = z
  .strictObject({
    id: z.string(),
    version: z.int().min(1).meta({
      description: 'Of name and price; it is the ETag. Stock moves with orders and has no version.',
    }),
    name: z.string(),
    priceMinor: z.int(),
    currency: z.string(),
    available: z.int().min(0).meta({ description: 'What can be ordered at this moment.' }),
  })
  .meta({ id: 'Item' });

export const toItemView = (
  id: string,
  { version, name, priceMinor, currency }: Price,
  { available }: Stock = { available: 0 },
): z.infer<typeof itemView> => ({ id, version, name, priceMinor, currency, available });

export const itemAggregate = (itemId: string): string => `item/${itemId}`;
