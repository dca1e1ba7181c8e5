import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { letterId, letterQueuePath, wholeLetterView } from '../domain/letter-view.ts';
import { discardReason } from '../tables/letters.ts';

export const contract = {
  summary: 'Discard a dead letter',
  description:
    'Its effect is not wanted, or was brought about by hand. It stays readable with who discarded it and why, until it expires. Discarded again, it keeps its first reason.',
  path: z.strictObject({ queue: letterQueuePath, id: letterId }),
  query: z.strictObject({
    reason: z
      .string()
      .trim()
      .min(discardReason.min)
      .max(discardReason.max)
      .meta({ description: 'Why it may go.' }),
  }),
  answer: {
    status: 200,
    description: 'The letter, discarded; without its body.',
    body: wholeLetterView,
  },
  problems: ['letter-not-parked'],
  example: {
    role: 'service',
    path: { queue: 'audit-record', id: '0197a000-0000-7000-8000-0000000d1002' },
    query: { reason: 'an example' },
  },
} as const satisfies RouteContract;
