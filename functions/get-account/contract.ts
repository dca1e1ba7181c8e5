import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { accountId, accountView } from '../domain/account.ts';

export const contract = {
  summary: 'Read an account',
  description: "A user reads their own accounts, an admin or service every one of the tenant's.",
  path: z.strictObject({ id: accountId }),
  answer: {
    status: 200,
    description: 'The account as it stands.',
    body: accountView,
    headers: { etag: 'Its version.' },
  },
  problems: [],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000a001' } },
} as const satisfies RouteContract;
