import type { RouteContract } from '../contract.ts';
import { transferView } from '../domain/transfer.ts';
import { newTransfer } from './create-transfer.ts';

export const contract = {
  summary: 'Move money from one account to another',
  description:
    'Both balances change in one serializable transaction, or neither does. Where other transfers change the same accounts meanwhile it is decided anew on fresh balances; a 503 says that they did so every time, and that nothing was moved. A user pays from their own accounts, an admin or service from any.',
  body: newTransfer,
  answer: {
    status: 201,
    description: 'The transfer as it was made. A repeated request gets the same answer.',
    body: transferView,
  },
  problems: [
    'account-unknown',
    'self-transfer',
    'currency-mismatch',
    'insufficient-funds',
    'balance-exceeded',
  ],
  example: {
    role: 'user',
    body: {
      fromAccountId: '0197a000-0000-7000-8000-00000000a002',
      toAccountId: '0197a000-0000-7000-8000-00000000a003',
      amountMinor: 2_500,
      currency: 'EUR',
    },
  },
} as const satisfies RouteContract;
