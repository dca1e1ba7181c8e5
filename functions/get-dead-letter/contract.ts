import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { letterId, letterQueuePath, wholeLetterView } from '../domain/letter-view.ts';

export const contract = {
  summary: 'Read a dead letter',
  description: 'With its body and how often it was parked. It is the only route that shows a body.',
  path: z.strictObject({ queue: letterQueuePath, id: letterId }),
  answer: { status: 200, description: 'The letter as it stands.', body: wholeLetterView },
  problems: [],
  example: {
    role: 'service',
    path: { queue: 'audit-record', id: '0197a000-0000-7000-8000-0000000d1001' },
  },
} as const satisfies RouteContract;
