import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { couponCode, redemptionView } from '../domain/coupon.ts';

export const contract = {
  summary: 'Redeem a coupon',
  description: 'Once for each user, and only while there are some left.',
  path: z.strictObject({ code: couponCode }),
  answer: {
    status: 201,
    description: 'The redemption. A repeated request gets the same answer.',
    body: redemptionView,
  },
  problems: ['coupon-already-redeemed', 'coupon-expired', 'coupon-exhausted'],
  example: { role: 'user', path: { code: 'WELCOME-10' } },
} as const satisfies RouteContract;
