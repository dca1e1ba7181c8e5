/** Items for sale and the users who buy them: the records that orders read. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';

const price = z.object({
  version: z.int().min(1),
  name: z.string(),
  priceMinor: z.int().min(1),
  /** ISO 4217. */
  currency: z.string().length(3),
});

export type Price = z.infer<typeof price>;

const stock = z.object({ available: z.int().min(0) });

export type Stock = z.infer<typeof stock>;

const user = z.object({ version: z.int().min(1), name: z.string(), email: z.email() });

export type User = z.infer<typeof user>;

/** Each is undefined for no item, and throws ZodError for one in another format. */
export const readPrice = (item: Item | undefined): Price | undefined => item && price.parse(item);
export const readStock = (item: Item | undefined): Stock | undefined => item && stock.parse(item);
export const readUser = (item: Item | undefined): User | undefined => item && user.parse(item);
