import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { pollId, voteView } from '../domain/poll.ts';

export const contract = {
  summary: 'Withdraw a vote',
  description:
    'Possible until the poll closes. A user without a vote gets the same answer: what was asked for is so.',
  path: z.strictObject({ id: pollId }),
  answer: {
    status: 200,
    description: 'No vote, and none is counted.',
    body: voteView,
    headers: { etag: 'Its version.' },
  },
  problems: ['poll-closed'],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000c002' } },
} as const satisfies RouteContract;
