import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { letterQueuePath, replayView } from '../domain/letter-view.ts';

export const contract = {
  summary: 'Read the progress of a replay',
  path: z.strictObject({ queue: letterQueuePath, id: z.uuid().toLowerCase() }),
  answer: { status: 200, description: 'The replay as it stands.', body: replayView },
  problems: [],
  example: {
    role: 'service',
    path: { queue: 'audit-record', id: '0197a000-0000-7000-8000-0000000d1003' },
  },
} as const satisfies RouteContract;
