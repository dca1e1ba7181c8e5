/** What many want at once: polls and coupons of a demo stage. Each example has its own, so that none is in another's way. */
import type { Coupon } from '#functions/domain/coupon.ts';
import {
  couponAddress,
  couponLeftAddress,
  pollAddress,
  voteAddress,
} from '#functions/domain/keys.ts';
import type { Poll, Vote } from '#functions/domain/poll.ts';
import { moved, tallyWrite } from '#functions/domain/tally.ts';
import type { DemoTenant } from '#functions/tables/tiers.ts';
import type { Address, Item } from '#shared/state/items.ts';

const farAway = '2099-12-31T23:59:59.000Z';
const longAgo = '2025-01-01T00:00:00.000Z';

const toPoll = (id: string, fields: Partial<Poll> = {}): Poll => ({
  version: 1,
  id: `0197a000-0000-7000-8000-00000000${id}`,
  question: 'What shall we drink at ten?',
  options: [
    { id: 'tea', label: 'Tea' },
    { id: 'coffee', label: 'Coffee' },
    { id: 'water', label: 'Water' },
  ],
  closesAt: farAway,
  tallyPartitions: 1,
  ...fields,
});

export const demoPolls = {
  toVote: toPoll('c001'),
  /** u1 has a vote in it. */
  toWithdraw: toPoll('c002'),
  toRead: toPoll('c003'),
  closed: toPoll('c004', { closesAt: longAgo }),
} as const;

/** For load: 2,000 votes a second. */
export const crowdPoll = toPoll('c0ff', { tallyPartitions: 4 });

const toCoupon = (code: string, expiresAt = farAway): Coupon => ({
  version: 1,
  code,
  amountMinor: 1_000,
  currency: 'EUR',
  expiresAt,
});

export const demoCoupons = [
  { coupon: toCoupon('WELCOME-10'), left: 1_000_000 },
  { coupon: toCoupon('LAST-ONE'), left: 1 },
  { coupon: toCoupon('EARLY-BIRD', longAgo), left: 10 },
] as const;

export const crowdCoupon = { coupon: toCoupon('CROWD'), left: 1_000_000 } as const;

const withdrawable: Vote = {
  version: 1,
  pollId: demoPolls.toWithdraw.id,
  userId: 'u1',
  option: 'tea',
  changedAt: longAgo,
};

/** Where each lies. The seeded vote is counted as every vote is. */
export function crowdsOf(
  tenant: DemoTenant,
): readonly { readonly at: Address; readonly item: Item }[] {
  const isLoad = tenant === 'load';
  const polls = [...Object.values(demoPolls), ...(isLoad ? [crowdPoll] : [])];
  const coupons = [...demoCoupons, ...(isLoad ? [crowdCoupon] : [])];
  const { pollId, userId, option } = withdrawable;
  const counted = moved(null, option);
  return [
    ...polls.map((poll) => ({ at: pollAddress(tenant, poll.id), item: poll })),
    ...coupons.flatMap(({ coupon, left }) => [
      { at: couponAddress(tenant, coupon.code), item: coupon },
      { at: couponLeftAddress(tenant, coupon.code), item: { left } },
    ]),
    { at: voteAddress(tenant, pollId, userId), item: withdrawable },
    { at: tallyWrite(tenant, demoPolls.toWithdraw, userId, counted).at, item: counted },
  ];
}
