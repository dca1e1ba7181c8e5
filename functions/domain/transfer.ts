/** A transfer between two accounts: written once, never changed. */
import * as z from 'zod';
import type { Item } from '#shared/state/items.ts';
import { accountId } from './account.ts';

/** What callers see. */
export const transferView = z
  .strictObject({
    id: z.uuid(),
    fromAccountId: accountId,
    toAccountId: accountId,
    amountMinor: z.int().min(1),
    currency: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Transfer' });

export type TransferView = z.infer<typeof transferView>;

export interface Transfer extends TransferView {
  /** Who asked for it. */
  readonly userId: string;
}

/** Its version is for readers that condition on it: it is 1 for good. */
export const toTransferItem = (transfer: Transfer): Item => ({ ...transfer, version: 1 });

/** @throws ZodError for an item that is no transfer, or none at all. */
export const readTransfer = (item: Item | undefined): TransferView =>
  transferView.strip().parse(item);

export const transferAggregate = (transferId: string): string => `transfer/${transferId}`;
