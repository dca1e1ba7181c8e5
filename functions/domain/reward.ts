/** Daily rewards: what they are worth, when they may be claimed, and the only code that knows their items. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';

const dayMs = 86_400_000;

/** By the day of the streak; the last stands for every later day. */
export const rewardsMinor = [10, 15, 20, 25, 30, 40, 100] as const;

export const rewardCurrency = 'EUR';

export const rewardMinorOf = (streak: number): number =>
  rewardsMinor[Math.min(streak, rewardsMinor.length) - 1] ?? 0;

/** `2026-03-01`: the UTC day of an instant. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const dayBefore = (day: string): string => dayOf(Date.parse(day) - dayMs);

/** When the next day begins. */
export const endOf = (day: string): number => Date.parse(day) + dayMs;

export const claimView = z
  .strictObject({
    id: z.uuid(),
    day: z.iso.date().meta({ description: 'The UTC day it is for.' }),
    streak: z.int().min(1).meta({ description: 'Days in a row, this one included.' }),
    amountMinor: z.int().min(1).meta({ description: 'In minor units.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    nextAt: z.iso.datetime().meta({ description: 'When the next may be claimed.' }),
  })
  .meta({ id: 'RewardClaim' });

export type ClaimView = z.infer<typeof claimView>;

const claim = claimView.extend({ version: z.int().min(1), userId: z.string() });

export type Claim = z.infer<typeof claim>;

/** Undefined for no item, and throws ZodError for one in another format. */
export const readClaim = (item: Item | undefined): Claim | undefined =>
  item && claim.strip().parse(item);

export const rewardAggregate = (userId: string, day: string): string =>
  ['reward', userId, day].map(encodeURIComponent).join('/');

export interface ClaimedBy {
  readonly id: string;
  readonly userId: string;
  readonly day: string;
}

/** One claim a day, which is its own guard: there is nothing that two days could disagree about. */
export function decideClaim(
  {
    today,
    yesterday,
  }: { readonly today: Claim | undefined; readonly yesterday: Claim | undefined },
  { id, userId, day }: ClaimedBy,
): { readonly claim: Claim } | { readonly refused: 'reward-already-claimed' } {
  if (today) return { refused: 'reward-already-claimed' };
  const streak = (yesterday?.streak ?? 0) + 1;
  return {
    claim: {
      version: 1,
      id,
      userId,
      day,
      streak,
      amountMinor: rewardMinorOf(streak),
      currency: rewardCurrency,
      nextAt: new Date(endOf(day)).toISOString(),
    },
  };
}
