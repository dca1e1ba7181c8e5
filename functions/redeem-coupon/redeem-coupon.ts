/** POST /coupons/{code}/redemptions: once a user, and no more than there are. */
import type { Caller } from '#shared/http/call.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import {
  type Coupon,
  type CouponLeft,
  type Redemption,
  readCoupon,
  readCouponLeft,
} from '../domain/coupon.ts';
import { couponAddress, couponLeftAddress, redemptionAddress } from '../domain/keys.ts';

export interface CouponSeen {
  readonly coupon: Coupon | undefined;
  readonly left: CouponLeft | undefined;
  readonly redeemed: boolean;
}

export async function readForRedemption(
  { tenant, user }: Pick<Caller, 'tenant' | 'user'>,
  code: string,
  { look, read }: UnitReader,
): Promise<CouponSeen> {
  const [coupon, left, redemption] = await Promise.all([
    look(couponAddress(tenant, code)),
    look(couponLeftAddress(tenant, code)),
    // Read, not looked at: the commit holds only while this user has none.
    read(redemptionAddress(tenant, code, user)),
  ]);
  return {
    coupon: readCoupon(coupon),
    left: readCouponLeft(left),
    redeemed: redemption !== undefined,
  };
}

export interface RedeemedBy {
  readonly id: string;
  readonly userId: string;
  readonly nowMs: number;
}

export type RedemptionRefusal =
  | 'not-found'
  | 'coupon-already-redeemed'
  | 'coupon-expired'
  | 'coupon-exhausted';

/** The redemption as it will be written, or why not: first what concerns this user alone. */
export function decideRedemption(
  { coupon, left, redeemed }: CouponSeen,
  { id, userId, nowMs }: RedeemedBy,
): { readonly redemption: Redemption } | { readonly refused: RedemptionRefusal } {
  if (!coupon) return { refused: 'not-found' };
  if (redeemed) return { refused: 'coupon-already-redeemed' };
  if (nowMs >= Date.parse(coupon.expiresAt)) return { refused: 'coupon-expired' };
  if (!left || left.left < 1) return { refused: 'coupon-exhausted' };
  const { code, amountMinor, currency } = coupon;
  const redeemedAt = new Date(nowMs).toISOString();
  return { redemption: { id, version: 1, userId, code, amountMinor, currency, redeemedAt } };
}

/**
 * Takes one, and fails where none is left. Everybody who redeems a coupon meets here, which is as it
 * should be while there are few: who comes too late is refused by a read. A coupon of thousands, in
 * the same second, is split as tallies are: each part holds its share, and who finds the own part
 * empty asks the next.
 */
export const takeOne = (tenant: string, code: string): Write => ({
  add: { left: -1 },
  at: couponLeftAddress(tenant, code),
  when: { where: { left: { atLeast: 1 } } },
});
