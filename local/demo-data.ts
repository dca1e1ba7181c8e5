/**
 * What a demo stage begins with: users, items, orders and accounts for each demo tenant. The examples of
 * docs/openapi.yaml work against it.
 */
import type { Account } from '#functions/domain/account.ts';
import type { Price, Stock, User } from '#functions/domain/catalogue.ts';
import type { Order } from '#functions/domain/order.ts';
import type { RelayJob } from '#functions/domain/relay-job.ts';
import type { DemoTenant } from '#functions/tables/tiers.ts';

const currency = 'EUR';
/** More than any load test orders. */
const plenty = 1_000_000;

export const demoUsers = {
  u1: 'Ada Example',
  u2: 'Grace Example',
  admin: 'Katherine Example',
} as const;

export const toUser = (tenant: DemoTenant, user: keyof typeof demoUsers): User => ({
  version: 1,
  name: demoUsers[user],
  email: `${user}@${tenant}.example`,
});

export const demoItems = {
  book: { name: 'A book', priceMinor: 1_250, available: plenty },
  lamp: { name: 'A lamp', priceMinor: 3_900, available: plenty },
  desk: { name: 'A desk', priceMinor: 18_900, available: plenty },
  /** For whoever changes an item: no order of the examples wants it. */
  vase: { name: 'A vase', priceMinor: 2_500, available: 40 },
  /** For two orders that want the same thing. */
  rarity: { name: 'The last of its kind', priceMinor: 99_000, available: 1 },
  /** For an order that cannot be fulfilled. */
  soldout: { name: 'Sold out', priceMinor: 500, available: 0 },
} as const satisfies Record<string, { name: string; priceMinor: number; available: number }>;

export const toPrice = ({
  name,
  priceMinor,
}: (typeof demoItems)[keyof typeof demoItems]): Price => ({
  version: 1,
  name,
  priceMinor,
  currency,
});

export const toStock = ({ available }: (typeof demoItems)[keyof typeof demoItems]): Stock => ({
  available,
});

/** The order of the examples: it is there before anybody ordered, and nothing ever changes it. */
export const toDemoOrder = (tenant: DemoTenant): Order => {
  const line = { itemId: 'book', quantity: 2, priceMinor: demoItems.book.priceMinor };
  return {
    id: '0197a000-0000-7000-8000-000000000001',
    tenant,
    userId: 'u1',
    status: 'confirmed',
    version: 2,
    lines: [line],
    address: '1 Example Street, 12345 Exampletown',
    totalMinor: line.quantity * line.priceMinor,
    currency,
    createdAt: '2025-06-24T03:34:04.032Z',
  };
};

/** Orders for the examples that change one: each has its own, and no event, so no worker decides them. */
export const toChangeableOrders = (tenant: DemoTenant): readonly Order[] =>
  ['0197a000-0000-7000-8000-000000000002', '0197a000-0000-7000-8000-000000000003'].map((id) => ({
    ...toDemoOrder(tenant),
    id,
    status: 'pending',
    version: 1,
  }));

/** The job of the example: it has been delivered, so it holds no slot. */
export const toDemoRelayJob = (tenant: DemoTenant): RelayJob => ({
  id: '0197a000-0000-7000-8000-00000000c001',
  tenant,
  userId: 'u1',
  status: 'delivered',
  version: 2,
  channel: 'news',
  body: 'The harbour is open.',
  acceptedAt: '2025-06-24T03:34:04.032Z',
});

const toAccount = (id: string, userId: string, money = currency): Account => ({
  id: `0197a000-0000-7000-8000-00000000${id}`,
  version: 1,
  userId,
  currency: money,
  balanceMinor: 1_000_000,
});

/** Accounts: one to read, two of the transfer example, some for tests of transfers. */
export const demoAccounts: readonly Account[] = [
  toAccount('a001', 'u1'),
  toAccount('a002', 'u1'),
  toAccount('a003', 'u2'),
  toAccount('a004', 'u1', 'USD'),
];

/** For load on few accounts: u1 may pay from every one of them. */
export const loadAccounts: readonly Account[] = Array.from({ length: 10 }, (_, nth) =>
  toAccount(`b${String(nth + 1).padStart(3, '0')}`, 'u1'),
);
