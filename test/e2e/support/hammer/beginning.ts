/** What the hammered tenants begin with: few things that many want. */
import type { Account } from '#functions/domain/account.ts';
import {
  accountAddress,
  couponAddress,
  couponLeftAddress,
  itemPriceAddress,
  itemStockAddress,
  pollAddress,
  resourceAddress,
  userAddress,
} from '#functions/domain/keys.ts';
import type { Address, Item, Write } from '#shared/state/items.ts';

const uuid = (kind: string, nth: number): string =>
  `0197a000-0000-7000-8000-${kind}${String(nth).padStart(11, '0')}`;

/** Besides `admin`, who may do everything. */
export const users = Array.from({ length: 40 }, (_, nth) => `u${nth + 1}`);

/** Has no record of their own, so mail to them cannot be delivered. */
export const unknownUser = 'u40';

/** What is in stock, by item. */
export const stock = { plenty: 100_000, some: 60, few: 12, last: 1, none: 0 } as const;

export const currency = 'EUR';
export const openingMinor = 10_000;

/** The first two are hot. */
export const accounts: readonly Account[] = Array.from({ length: 8 }, (_, nth) => ({
  id: uuid('a', nth + 1),
  version: 1,
  userId: users[nth % 4] ?? '',
  balanceMinor: openingMinor,
  currency,
}));

export const options = ['tea', 'coffee', 'water'] as const;

/** The first is hot. */
export const pollIds: readonly string[] = [uuid('b', 1), uuid('b', 2)];

/** How often each can be redeemed. */
export const coupons = { 'HOT-5': 5, 'WARM-20': 20, 'COLD-1000': 1_000 } as const;

/** The first is hot. */
export const resourceIds = ['room-1', 'room-2'] as const;

/** Starts of half hours of one day, far off. */
export const slotStarts = Array.from({ length: 16 }, (_, nth) => {
  const startMs = Date.UTC(2090, 0, 9, 9) + nth * 1_800_000;
  return `${new Date(startMs).toISOString().slice(0, 19)}Z`;
});

const farOff = '2100-01-01T00:00:00.000Z';

const put = (at: Address, item: Item): Write => ({ put: item, at, when: { absent: true } });

/** Everything a tenant has before the first request. */
export const beginningOf = (tenant: string): readonly Write[] => [
  ...users
    .filter((user) => user !== unknownUser)
    .map((user) =>
      put(userAddress(tenant, user), { version: 1, name: user, email: `${user}@hammer.example` }),
    ),
  ...Object.entries(stock).flatMap(([id, available]) => [
    put(itemPriceAddress(tenant, id), { version: 1, name: id, priceMinor: 100, currency }),
    put(itemStockAddress(tenant, id), { available }),
  ]),
  ...accounts.map((account) => put(accountAddress(tenant, account.id), { ...account })),
  ...pollIds.map((id) =>
    put(pollAddress(tenant, id), {
      version: 1,
      id,
      question: 'What is it to be?',
      options: options.map((option) => ({ id: option, label: option })),
      closesAt: farOff,
      tallyPartitions: 1,
    }),
  ),
  ...resourceIds.map((id) =>
    put(resourceAddress(tenant, id), {
      version: 1,
      id,
      name: id,
      slotMinutes: 30,
      openFromMinute: 9 * 60,
      openUntilMinute: 17 * 60,
    }),
  ),
  ...Object.entries(coupons).flatMap(([code, left]) => [
    put(couponAddress(tenant, code), {
      version: 1,
      code,
      amountMinor: 500,
      currency,
      expiresAt: farOff,
    }),
    put(couponLeftAddress(tenant, code), { left }),
  ]),
];
