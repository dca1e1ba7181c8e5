import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { pollId } from '../domain/poll.ts';
import { pollView } from './get-poll.ts';

export const contract = {
  summary: 'Read a poll, its tallies and the own vote',
  description:
    'Tallies move together with the votes: each vote that was answered is counted, once, for the option it stands for now.',
  path: z.strictObject({ id: pollId }),
  answer: { status: 200, description: 'The poll as it stands.', body: pollView },
  problems: [],
  example: { role: 'user', path: { id: '0197a000-0000-7000-8000-00000000c003' } },
} as const satisfies RouteContract;
