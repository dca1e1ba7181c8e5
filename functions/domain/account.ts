/** An account, and what moving money between two of them means. The only code that knows its item. */
import * as z from 'zod';
import type { Item, Write } from '#shared/state/items.ts';
import { accountAddress } from './keys.ts';
import { maxBalanceMinor } from './money.ts';

export const accountId = z.uuid().toLowerCase();

/** What callers see. */
export const accountView = z
  .strictObject({
    id: z.uuid(),
    version: z.int().min(1).meta({ description: 'Grows with each change; it is the ETag.' }),
    balanceMinor: z
      .int()
      .min(0)
      .max(maxBalanceMinor)
      .meta({ description: 'In whole minor units. Never below 0.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
  })
  .meta({ id: 'Account' });

const accountItem = accountView.extend({ userId: z.string() });

export type Account = z.infer<typeof accountItem>;

/** @throws ZodError for an item that is no account: a fault of ours, never a missing account. */
export const readAccount = (item: Item | undefined): Account | undefined =>
  item && accountItem.strip().parse(item);

export const toAccountView = ({ userId: _, ...view }: Account): z.infer<typeof accountView> => view;

export interface Sum {
  readonly amountMinor: number;
  readonly currency: string;
}

export type Side = 'from' | 'to';

export type MoveRefusal =
  | { readonly because: 'unknown' | 'other-currency'; readonly sides: readonly Side[] }
  | { readonly because: 'insufficient-funds' | 'balance-exceeded' };

export type Moved = Readonly<Record<Side, Account>>;

/** Both accounts after the move, or why it cannot be. What leaves one arrives at the other. */
export function move(
  { amountMinor, currency }: Sum,
  { from, to }: Readonly<Record<Side, Account | undefined>>,
): Moved | { readonly refused: MoveRefusal } {
  const sidesOf = (is: (account: Account | undefined) => boolean): readonly Side[] =>
    Object.entries({ from, to }).flatMap(([side, account]) => (is(account) ? [side as Side] : []));

  if (!from || !to)
    return { refused: { because: 'unknown', sides: sidesOf((account) => !account) } };
  const foreign = sidesOf((account) => account?.currency !== currency);
  if (foreign.length > 0) return { refused: { because: 'other-currency', sides: foreign } };
  if (from.balanceMinor < amountMinor) return { refused: { because: 'insufficient-funds' } };
  if (to.balanceMinor > maxBalanceMinor - amountMinor)
    return { refused: { because: 'balance-exceeded' } };
  return { from: changed(from, -amountMinor), to: changed(to, amountMinor) };
}

const changed = ({ version, balanceMinor, ...account }: Account, by: number): Account => ({
  ...account,
  version: version + 1,
  balanceMinor: balanceMinor + by,
});

/** Only for accounts that the unit of work has read: that conditions each on its version. */
export const balanceWrites = (tenant: string, { from, to }: Moved): readonly Write[] =>
  [from, to].map(({ id, version, balanceMinor }) => ({
    set: { version, balanceMinor },
    at: accountAddress(tenant, id),
  }));
