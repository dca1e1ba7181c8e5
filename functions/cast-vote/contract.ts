import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { optionId, pollId, voteView } from '../domain/poll.ts';

export const contract = {
  summary: 'Vote, or change a vote',
  description:
    'A user has one vote in a poll and may change it until the poll closes. Voting for the same option again changes nothing. A poll takes some 500 votes a second for each partition of its counters; one that is refused for want of room (503) may be sent again.',
  path: z.strictObject({ id: pollId }),
  body: z.strictObject({ option: optionId }).meta({ id: 'NewVote' }),
  answer: {
    status: 200,
    description: 'The vote as it stands, counted.',
    body: voteView,
    headers: { etag: 'Its version.' },
  },
  problems: ['poll-closed', 'option-unknown'],
  example: {
    role: 'user',
    path: { id: '0197a000-0000-7000-8000-00000000c001' },
    body: { option: 'tea' },
  },
} as const satisfies RouteContract;
