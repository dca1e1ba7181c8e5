/** Money: moved, never made or lost. */
import { readTransfer } from '#functions/domain/transfer.ts';
import { accounts as opening, openingMinor } from '../hammer/beginning.ts';
import { type Books, sums } from './books.ts';

export const moneyIsConserved = (books: Books): readonly string[] =>
  books.tenants.flatMap((tenant) => {
    const accounts = accountsOf(books, tenant);
    const sum = accounts.reduce((all, { balanceMinor }) => all + balanceMinor, 0);
    const began = opening.length * openingMinor;
    return sum === began ? [] : [`${tenant} began with ${began} and has ${sum}`];
  });

export const noBalanceIsNegative = (books: Books): readonly string[] =>
  books
    .ofKind('account')
    .filter(({ item }) => Number(item['balanceMinor']) < 0)
    .map(({ tenant, rest, item }) => `account ${tenant}/${rest} has ${item['balanceMinor']}`);

/** Each balance is what its transfers make of it, and has changed as often as there are any. */
export const balancesAreTheirTransfers = (books: Books): readonly string[] =>
  books.tenants.flatMap((tenant) => {
    const transfers = books
      .ofKind('transfer')
      .filter((entity) => entity.tenant === tenant)
      .map(({ item }) => readTransfer(item));
    const moved = sums(
      transfers.flatMap(({ fromAccountId, toAccountId, amountMinor }) => [
        [fromAccountId, -amountMinor] as const,
        [toAccountId, amountMinor] as const,
      ]),
    );
    const times = sums(
      transfers.flatMap(({ fromAccountId, toAccountId }) => [
        [fromAccountId, 1] as const,
        [toAccountId, 1] as const,
      ]),
    );
    return accountsOf(books, tenant).flatMap(({ id, balanceMinor, version }) => {
      const due = openingMinor + (moved.get(id) ?? 0);
      const changes = times.get(id) ?? 0;
      return [
        ...(balanceMinor === due
          ? []
          : [`account ${tenant}/${id}: its transfers make ${due}, it has ${balanceMinor}`]),
        ...(version - 1 === changes
          ? []
          : [`account ${tenant}/${id}: changed ${version - 1} times by ${changes} transfers`]),
      ];
    });
  });

/** As they stand: the service's own reader takes no account that is overdrawn. */
const accountsOf = (books: Books, tenant: string) =>
  books
    .ofKind('account')
    .filter((entity) => entity.tenant === tenant)
    .map(({ item }) => ({
      id: String(item['id']),
      balanceMinor: Number(item['balanceMinor']),
      version: Number(item['version']),
    }));
