/** POST /transfers: moves money between two accounts, both as they were read. */
import * as z from 'zod';
import type { Caller } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import {
  accountId,
  balanceWrites,
  type MoveRefusal,
  move,
  readAccount,
  type Side,
} from '../domain/account.ts';
import { accountAddress, transferAddress } from '../domain/keys.ts';
import { currency, positiveAmountMinor } from '../domain/money.ts';
import { maySee } from '../domain/ownership.ts';
import { type TransferView, toTransferItem, transferAggregate } from '../domain/transfer.ts';
import type { Happening } from '../publish.ts';

export const newTransfer = z
  .strictObject({
    fromAccountId: accountId.meta({ description: "The payer's; a user names their own." }),
    toAccountId: accountId.meta({ description: 'Any of the tenant.' }),
    amountMinor: positiveAmountMinor,
    currency,
  })
  .meta({ id: 'NewTransfer' });

export interface TransferRequest {
  readonly caller: Caller;
  /** The transfer will have it; the same on every run. */
  readonly id: string;
  readonly transfer: z.infer<typeof newTransfer>;
  readonly nowMs: number;
}

export interface CreateTransferOptions {
  readonly reader: UnitReader;
  readonly publish: (happening: Happening<'transfer.completed'>) => Write;
}

export async function createTransfer(
  { caller, id, transfer, nowMs }: TransferRequest,
  { reader, publish }: CreateTransferOptions,
): Promise<Decision<TransferView, Problem>> {
  const { tenant, user: userId } = caller;
  const { fromAccountId, toAccountId, ...sum } = transfer;
  if (fromAccountId === toAccountId) return { refused: new Problem('self-transfer') };

  const account = async (accountId: string) =>
    readAccount(await reader.read(accountAddress(tenant, accountId)));
  const [payer, to] = await Promise.all([account(fromAccountId), account(toAccountId)]);
  const moved = move(sum, { from: payer && maySee(caller, payer) ? payer : undefined, to });
  if ('refused' in moved) return { refused: toProblem(moved.refused) };

  const made = { id, ...transfer, createdAt: new Date(nowMs).toISOString() };
  return {
    answer: made,
    writes: [
      ...balanceWrites(tenant, moved),
      {
        put: toTransferItem({ ...made, userId }),
        at: transferAddress(tenant, id),
        when: { absent: true },
      },
      publish({
        type: 'transfer.completed',
        tenant,
        aggregate: transferAggregate(id),
        seq: 1,
        data: { transferId: id, userId },
      }),
    ],
  };
}

function toProblem(refusal: MoveRefusal): Problem {
  switch (refusal.because) {
    case 'unknown':
      return new Problem('account-unknown', {
        extensions: { errors: refusal.sides.flatMap((side) => faultsAt([side], unknownAt[side])) },
      });
    case 'other-currency':
      return new Problem('currency-mismatch', {
        extensions: { errors: faultsAt(refusal.sides, 'is kept in another currency') },
      });
    default:
      return new Problem(refusal.because);
  }
}

/** Callers pay from what is theirs to pay from, and to anybody of the tenant. */
const unknownAt = {
  from: 'is no account that this caller may pay from',
  to: 'is no account of this tenant',
} as const satisfies Record<Side, string>;

const faultsAt = (sides: readonly Side[], detail: string) =>
  sides.map((side) => ({ pointer: `/${side}AccountId`, detail }));
