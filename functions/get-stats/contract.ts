import * as z from 'zod';
import { levels } from '#shared/pressure/levels.ts';
import type { RouteContract } from '../contract.ts';

const level = z.enum(levels);

export const contract = {
  summary: 'How loaded the service is',
  description:
    'The pressure on the queues as the environment that answers has read it: another one may have read it up to ten seconds before or after, and decides by its own reading. And the slots of the relay as they stand, give or take those in flight.',
  answer: {
    status: 200,
    description: 'What was read last, and when.',
    body: z
      .strictObject({
        pressure: z.strictObject({
          level: level.meta({ description: 'The worst of all queues; NORMAL if not known.' }),
          known: z.boolean().meta({
            description: 'False where the queues could not be read for a minute, or ever.',
          }),
          readAt: z.iso.datetime().optional().meta({ description: 'Absent if not known.' }),
          readingAgeMs: z.int().min(0).optional(),
          queues: z.array(
            z.strictObject({
              queue: z.string(),
              level,
              backlog: z
                .int()
                .min(0)
                .meta({ description: 'Messages that wait, or that a worker has in hand.' }),
              oldestAgeMs: z.int().min(0).optional().meta({
                description:
                  'How long messages waited for their worker, as workers that are behind have told within half a minute; 0 if none has. Absent if that could not be read.',
              }),
            }),
          ),
        }),
        relay: z.strictObject({
          bound: z
            .int()
            .meta({ description: 'Jobs accepted and not done, of all shares, at most.' }),
          shares: z.array(
            z.strictObject({
              of: z.string().meta({ description: 'A tenant, or `others` for all who have none.' }),
              taken: z.int().min(0),
              share: z.int().min(1),
            }),
          ),
        }),
      })
      .meta({ id: 'Stats' }),
  },
  problems: [],
  example: { role: 'service' },
} as const satisfies RouteContract;
