import * as z from 'zod';
import type { RouteContract } from '../contract.ts';
import { letterId } from '../domain/letter-view.ts';

export const contract = {
  summary: 'Count dead letters',
  description:
    'What waits for somebody, by queue and cause, most first. A queue with very many letters is not counted to the end, and says so.',
  answer: {
    status: 200,
    description: 'Every queue, those without letters as well.',
    body: z
      .strictObject({
        queues: z.array(
          z.strictObject({
            queue: z.string(),
            causes: z.array(
              z.strictObject({
                cause: z.string(),
                count: z.int(),
                oldestParkedAt: z.iso.datetime(),
                sampleId: letterId,
              }),
            ),
            truncated: z.boolean().meta({ description: 'The counts are lower bounds.' }),
          }),
        ),
      })
      .meta({ id: 'DeadLetterSummary' }),
  },
  problems: [],
  example: { role: 'service' },
} as const satisfies RouteContract;
