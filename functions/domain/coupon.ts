/** A coupon, what is left of it, and its redemptions: the only code that knows their items. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';

/** People type codes from paper, so capitals do not count: every key has the code in capitals. */
export const couponCode = z
  .string()
  .regex(/^[A-Za-z0-9-]{3,32}$/, { error: 'must be 3 to 32 letters, digits or -' })
  .toUpperCase()
  .meta({ description: 'Capitals or not, it is the same coupon.' });

const coupon = z.object({
  version: z.int().min(1),
  code: z.string(),
  amountMinor: z.int().min(1),
  currency: z.string().length(3),
  expiresAt: z.iso.datetime(),
});

/** Fixed when it is made, so redeeming only looks at it: the commit holds on to what is left of it. */
export type Coupon = z.infer<typeof coupon>;

const left = z.object({ left: z.int().min(0) });

export type CouponLeft = z.infer<typeof left>;

export const redemptionView = z
  .strictObject({
    id: z.uuid(),
    code: z.string(),
    amountMinor: z.int().min(1).meta({ description: 'What it is worth, in minor units.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    redeemedAt: z.iso.datetime(),
  })
  .meta({ id: 'Redemption' });

export type RedemptionView = z.infer<typeof redemptionView>;

export interface Redemption extends RedemptionView {
  readonly version: number;
  readonly userId: string;
}

/** Each is undefined for no item, and throws ZodError for one in another format. */
export const readCoupon = (item: Item | undefined): Coupon | undefined =>
  item && coupon.parse(item);
export const readCouponLeft = (item: Item | undefined): CouponLeft | undefined =>
  item && left.parse(item);

export const toRedemptionItem = (redemption: Redemption): Item => ({ ...redemption });

/** There is one for each user and coupon, and nothing ever happens to it. */
export const redemptionAggregate = (code: string, userId: string): string =>
  ['redemption', code, userId].map(encodeURIComponent).join('/');
